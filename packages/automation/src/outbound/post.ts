import { lookup } from 'node:dns';
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import {
  AddressRefused,
  guardedLookup,
  hostOf,
  mayReach,
  type OutboundPolicy,
  type ResolveName,
  unfitTarget,
} from './guard.ts';

export interface PostRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** ms for the whole of it, redirects and answer included. */
  readonly timeout: number;
  /** Of the answer's body; what is more is not read. */
  readonly maxBytes: number;
  /** Redirects that are followed: 301, 307 and 308, with the same body. */
  readonly redirects: number;
  /** Headers that go to the first address alone: what proves us to somebody is nothing for another. */
  readonly ownHeaders?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export type PostFailure = 'address-refused' | 'timed-out' | 'unreachable' | 'too-many-redirects' | 'bad-redirect';

export type Posted =
  /** `whole` is false when the body was longer than `maxBytes`. */
  | { readonly ok: true; readonly status: number; readonly body: Uint8Array; readonly whole: boolean }
  | { readonly ok: false; readonly reason: PostFailure; readonly detail: string };

export interface Post {
  (request: PostRequest): Promise<Posted>;
  close(): void;
}

const KEPT_SOCKETS = { keepAlive: true, maxSockets: 64, maxFreeSockets: 16, timeout: 60_000 };
const FOLLOWED = new Set([301, 307, 308]);

/** Posts over connections that are opened to the very addresses that were checked, and kept for the next. Never rejects. */
export function createPost(policy: () => OutboundPolicy, resolve: ResolveName = lookup): Post {
  const agents = { 'http:': new HttpAgent(KEPT_SOCKETS), 'https:': new HttpsAgent(KEPT_SOCKETS) };
  const post = async (request: PostRequest): Promise<Posted> => {
    const due = AbortSignal.timeout(request.timeout);
    const signal = request.signal ? AbortSignal.any([due, request.signal]) : due;
    try {
      return await follow(request, { signal, policy: policy(), resolve, agents });
    } catch (error) {
      if (error instanceof AddressRefused) return { ok: false, reason: 'address-refused', detail: error.message };
      if (signal.aborted) return { ok: false, reason: 'timed-out', detail: `no answer within ${request.timeout} ms` };
      return { ok: false, reason: 'unreachable', detail: codeOf(error) };
    }
  };
  return Object.assign(post, {
    close: () => {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  });
}

interface Way {
  readonly signal: AbortSignal;
  readonly policy: OutboundPolicy;
  readonly resolve: ResolveName;
  readonly agents: { readonly 'http:': HttpAgent; readonly 'https:': HttpsAgent };
}

async function follow(request: PostRequest, way: Way): Promise<Posted> {
  let { url } = request;
  for (let hop = 0; ; hop += 1) {
    const unfit = unfitTarget(url, way.policy);
    if (unfit !== undefined) throw new AddressRefused(`${url.host} ${unfit}`);
    const own = url.origin === request.url.origin ? request.ownHeaders : {};
    const answer = await send(url, { ...own, ...request.headers }, request.body, way);
    const status = answer.statusCode ?? 0;
    if (!FOLLOWED.has(status) || request.redirects === 0) return await read(answer, status, request.maxBytes);
    answer.destroy();
    if (hop === request.redirects) {
      return { ok: false, reason: 'too-many-redirects', detail: `more than ${request.redirects} redirects` };
    }
    const { location } = answer.headers;
    if (location === undefined || !URL.canParse(location, url.href)) {
      return { ok: false, reason: 'bad-redirect', detail: `${status} without a location` };
    }
    url = new URL(location, url.href);
  }
}

function send(
  url: URL,
  headers: PostRequest['headers'],
  body: PostRequest['body'],
  way: Way,
): Promise<IncomingMessage> {
  const { signal, policy, resolve, agents } = way;
  const encrypted = url.protocol === 'https:';
  const allowed = (address: string) => mayReach(policy, address, encrypted);
  const host = hostOf(url);
  if (isIP(host) !== 0 && !allowed(host)) throw new AddressRefused(`${host} is out of bounds`);
  const options = {
    method: 'POST',
    signal,
    lookup: guardedLookup(allowed, resolve),
    headers: { ...headers, 'accept-encoding': 'identity', 'content-length': String(Buffer.byteLength(body)) },
  };
  return new Promise((done, fail) => {
    const request = encrypted
      ? requestHttps(url, { ...options, agent: agents['https:'] })
      : requestHttp(url, { ...options, agent: agents['http:'] });
    request.once('response', done).once('error', fail);
    request.end(body);
  });
}

/** A connection whose answer is not read to its end is not used again. */
async function read(answer: IncomingMessage, status: number, maxBytes: number): Promise<Posted> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    if (size + chunk.length > maxBytes) {
      answer.destroy();
      return { ok: true, status, body: Buffer.concat(chunks), whole: false };
    }
    size += chunk.length;
    chunks.push(chunk);
  }
  return { ok: true, status, body: Buffer.concat(chunks), whole: true };
}

function codeOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === 'string' ? code : String(message ?? error);
}
