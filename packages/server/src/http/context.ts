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
  const text = await textOf(c.req.raw, maxBytes);
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpProblem('request.malformed', { detail: 'The body is not JSON.' });
  }
}

async function textOf(request: Request, maxBytes: number): Promise<string> {
  const bytes = await bytesOf(request, maxBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new HttpProblem('request.malformed', { detail: 'The body is not UTF-8.' });
  }
}

/** A body that says its length is read whole, past the streams of the web: those take as long again. */
async function bytesOf(request: Request, maxBytes: number): Promise<ArrayBuffer | Buffer> {
  const tooLarge = () => new HttpProblem('limit.maxBody', { detail: `The body has more than ${maxBytes} bytes.` });
  const length = request.headers.get('content-length');
  if (length !== null && Number(length) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    if (length !== null) return await request.arrayBuffer();
    for await (const chunk of request.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    // A connection that went away, which is no fault of ours.
    throw new HttpProblem('request.malformed', { detail: 'The body ended too early.' });
  }
  return Buffer.concat(chunks);
}
