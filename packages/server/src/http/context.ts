import type { Context } from 'hono';
import type { Peer } from './peer.ts';
import { HttpProblem } from './problem.ts';

/** What the listener gives with each request. */
export type HttpEnv = { Bindings: { peer?: Peer } };
export type HttpContext = Context<HttpEnv>;

const NOBODY: Peer = { address: '', local: false };

export function peerIn(c: HttpContext): Peer {
  return c.env?.peer ?? NOBODY;
}

/** The bearer token of a request, `undefined` when there is none. Never put it anywhere but into a comparison. */
export function bearerOf(c: HttpContext): string | undefined {
  return /^bearer +([\x21-\x7e]+) *$/i.exec(c.req.header('authorization') ?? '')?.[1];
}

/**
 * The JSON body, at most `maxBytes` long. The content type is asked for because pages of other origins can send every
 * other one without asking first.
 */
export async function jsonBody(c: HttpContext, maxBytes: number): Promise<unknown> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new HttpProblem('request.malformed', { status: 415, detail: 'Send the body as application/json.' });
  }
  const text = await boundedText(c.req.raw, maxBytes);
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpProblem('request.malformed', { detail: 'The body is not JSON.' });
  }
}

async function boundedText(request: Request, maxBytes: number): Promise<string> {
  const tooLarge = () => new HttpProblem('limit.maxBody', { detail: `The body has more than ${maxBytes} bytes.` });
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let bytes = 0;
  try {
    for await (const chunk of request.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw tooLarge();
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    // The decoder's error is a TypeError; anything else is a connection that went away, which is no fault of ours.
    const detail = error instanceof TypeError ? 'The body is not UTF-8.' : 'The body ended too early.';
    throw new HttpProblem('request.malformed', { detail });
  }
}
