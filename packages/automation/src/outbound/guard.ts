import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { isLoopbackAddress, isPublicAddress } from './addresses.ts';

/** What requests of the server itself may reach: `server.outbound`. */
export interface OutboundPolicy {
  readonly private: 'deny' | 'allow';
}

export type ResolveName = (
  host: string,
  options: { readonly all: true },
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/** The address, or one that the name resolves to, is out of bounds. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/** Whether a connection may go to this address. Without TLS only to what is not public: what is sent can be read on the way. */
export function mayReach(policy: OutboundPolicy, address: string, encrypted: boolean): boolean {
  if (isPublicAddress(address)) return encrypted;
  return policy.private === 'allow';
}

/** Why a URL is no target whatever its name resolves to; `undefined` when it may be one. */
export function unfitTarget(url: URL, policy: OutboundPolicy): string | undefined {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'has to be an http: or https: URL';
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password';
  const host = hostOf(url);
  const local = url.hostname === 'localhost' || isLoopbackAddress(host);
  if (policy.private === 'deny' && (local || (isIP(host) !== 0 && !isPublicAddress(host)))) {
    return 'is a private or loopback address; set server.outbound.private: allow to reach it';
  }
  if (url.protocol === 'http:' && policy.private === 'deny') return 'has to be an https: URL';
  return undefined;
}

export const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1');

/** Node asks this instead of the system when it connects, and connects to what it says: a second answer cannot lead elsewhere. */
export function guardedLookup(allowed: (address: string) => boolean, resolve: ResolveName): LookupFunction {
  return (host, options, done) => {
    resolve(host, { all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) return done(error ?? new Error('the name resolves to nothing'), '', 0);
      if (!addresses.every(({ address }) => allowed(address))) return done(new AddressRefused(host), '', 0);
      return options.all ? done(null, addresses) : done(null, first.address, first.family);
    });
  };
}
