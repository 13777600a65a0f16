import type { ServerSettings } from './config/index.ts';
import { type AddressResolver, createAddressResolver } from './http/address.ts';
import { createHostGuard, type HostGuard } from './http/host.ts';
import { createOriginGuard, type OriginGuard } from './http/origin.ts';

/** The settings of the server as they stand, and what is made of them. A reload replaces them between two requests. */
export class LiveSettings {
  #server: ServerSettings;
  #originAllowed: OriginGuard;
  #hostAllowed: HostGuard;
  #resolveAddress: AddressResolver;
  #ownPages: () => readonly string[] = () => [];

  constructor(server: ServerSettings) {
    this.#server = server;
    this.#originAllowed = createOriginGuard(server.origins);
    this.#hostAllowed = createHostGuard(ownNames(server));
    this.#resolveAddress = createAddressResolver(server.trustedProxies);
  }

  get server(): ServerSettings {
    return this.#server;
  }

  readonly originAllowed: OriginGuard = (origin) =>
    this.#originAllowed(origin) || (origin !== undefined && this.#ownPages().includes(origin));
  readonly hostAllowed: HostGuard = (host) => this.#hostAllowed(host);
  readonly resolveAddress: AddressResolver = (peer, forwardedFor) => this.#resolveAddress(peer, forwardedFor);

  /** Pages of the server itself may connect too, whatever `server.origins` says; asked at every request. */
  allowOwnPages(origins: () => readonly string[]): void {
    this.#ownPages = origins;
  }

  /** Takes on other settings: see `asRunning` for what of a file they may be. */
  apply(next: ServerSettings): void {
    const fresh = new LiveSettings(next);
    this.#originAllowed = fresh.originAllowed;
    this.#hostAllowed = fresh.hostAllowed;
    this.#resolveAddress = fresh.resolveAddress;
    this.#server = next;
  }
}

function ownNames({ host, publicUrl }: ServerSettings): readonly string[] {
  return [host, ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname])];
}
