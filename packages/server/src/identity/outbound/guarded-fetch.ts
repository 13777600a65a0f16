import { type LookupAddress, lookup } from 'node:dns';
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isLoopbackAddress, isPublicAddress } from '@portcullis/automation/outbound';
import type { FetchBounds, FetchDocument, FetchFailure } from './fetch-document.ts';

/** What requests that the server itself makes may reach. */
export interface OutboundPolicy {
  /** Whether private and loopback addresses may be reached, and loopback ones by `http:`. */
  readonly private: 'deny' | 'allow';
}

export type ResolveName = (
  host: string,
  options: { readonly all: true },
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

class Refused extends Error {
  readonly reason: FetchFailure;
  constructor(reason: FetchFailure) {
    super(reason);
    this.reason = reason;
  }
}

/**
 * Fetches over connections that are opened to the very addresses that were checked: the name is resolved once, by us,
 * so that a second answer of the name server cannot lead elsewhere. One address out of bounds refuses the name.
 */
export function createGuardedFetch(policy: OutboundPolicy, resolve: ResolveName = lookup): FetchDocument {
  return async (url, bounds) => {
    try {
      return { ok: true, body: await download(url, bounds, policy, resolve) };
    } catch (error) {
      if (bounds.signal.aborted) return { ok: false, reason: 'timed-out' };
      return { ok: false, reason: error instanceof Refused ? error.reason : 'unreachable' };
    }
  };
}

/** Why a URL may not be fetched whatever its name resolves to; `undefined` when it may. */
export function unfitUrl(url: URL, policy: OutboundPolicy): string | undefined {
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password';
  if (url.protocol === 'https:') return undefined;
  const local = url.hostname === 'localhost' || isLoopbackAddress(hostOf(url));
  if (url.protocol === 'http:' && local && policy.private === 'allow') return undefined;
  return 'has to be an https: URL (http: only to a loopback address, with server.outbound.private: allow)';
}

async function download(
  url: URL,
  bounds: FetchBounds,
  policy: OutboundPolicy,
  resolve: ResolveName,
): Promise<Uint8Array> {
  if (unfitUrl(url, policy) !== undefined) throw new Refused('address-refused');
  const mayReach = (address: string) =>
    url.protocol === 'http:' ? isLoopbackAddress(address) : policy.private === 'allow' || isPublicAddress(address);
  const host = hostOf(url);
  if (isIP(host) !== 0 && !mayReach(host)) throw new Refused('address-refused');
  const answer = await send(url, { signal: bounds.signal, lookup: guardedLookup(mayReach, resolve) });
  return await readBody(answer, bounds.maxBytes);
}

/** Node asks this instead of the system when it connects, and connects to what it says. */
function guardedLookup(mayReach: (address: string) => boolean, resolve: ResolveName): LookupFunction {
  return (host, options, done) => {
    resolve(host, { all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) return done(error ?? new Refused('unreachable'), '', 0);
      if (!addresses.every(({ address }) => mayReach(address))) return done(new Refused('address-refused'), '', 0);
      return options.all ? done(null, addresses) : done(null, first.address, first.family);
    });
  };
}

function send(url: URL, options: Pick<RequestOptions, 'signal' | 'lookup'>): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const headers = { accept: 'application/jwk-set+json, application/json', 'accept-encoding': 'identity' };
  return new Promise((resolve, reject) => {
    // No agent: neither its pool nor a proxy of the environment gets between the check and the connection.
    request(url, { ...options, method: 'GET', agent: false, headers })
      .on('response', resolve)
      .on('error', reject)
      .end();
  });
}

async function readBody(answer: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  try {
    const { statusCode = 0, headers } = answer;
    if (statusCode >= 300 && statusCode < 400) throw new Refused('redirected');
    if (statusCode !== 200 || (headers['content-encoding'] ?? 'identity') !== 'identity')
      throw new Refused('bad-status');
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.byteLength;
      if (size > maxBytes) throw new Refused('too-large');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    answer.destroy();
  }
}

/** The host without the brackets of an IPv6 literal. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}
