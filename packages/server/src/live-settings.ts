import type { ServerSettings } from './config/index.ts';
import { type AddressResolver, createAddressResolver } from './http/address.ts';
import { createHostGuard, type HostGuard } from './http/host.ts';
import { createOriginGuard, type OriginGuard } from './http/origin.ts';

/** Settings of the process that were read at start and count until it ends. */
const FIXED = [
  'host',
  'port',
  'adminPort',
  'pingInterval',
  'maxHeader',
  'headerTimeout',
  'requestTimeout',
  'outbound',
  'tls',
] as const;

/** The settings of the server as they stand, and what is made of them. A reload replaces them between two requests. */
export class LiveSettings {
  #server: ServerSettings;
  #originAllowed: OriginGuard;
  #hostAllowed: HostGuard;
  #resolveAddress: AddressResolver;

  constructor(server: ServerSettings) {
    this.#server = server;
    this.#originAllowed = createOriginGuard(server.origins);
    this.#hostAllowed = createHostGuard(ownNames(server));
    this.#resolveAddress = createAddressResolver(server.trustedProxies);
  }

  get server(): ServerSettings {
    return this.#server;
  }

  readonly originAllowed: OriginGuard = (origin) => this.#originAllowed(origin);
  readonly hostAllowed: HostGuard = (host) => this.#hostAllowed(host);
  readonly resolveAddress: AddressResolver = (peer, forwardedFor) => this.#resolveAddress(peer, forwardedFor);

  /** Takes on what can change while the process runs; answers with the keys that need a restart. */
  apply(next: ServerSettings): readonly string[] {
    const before = this.#server;
    const pinned = FIXED.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(next[key]));
    const fresh = new LiveSettings(next);
    this.#originAllowed = fresh.originAllowed;
    this.#hostAllowed = fresh.hostAllowed;
    this.#resolveAddress = fresh.resolveAddress;
    this.#server = next;
    return pinned.map((key) => `server.${key}`);
  }
}

function ownNames({ host, publicUrl }: ServerSettings): readonly string[] {
  return [host, ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname])];
}
