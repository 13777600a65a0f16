import { addressGroup } from '../http/address.ts';

/** How long a wrong token counts. */
const FORGIVEN_AFTER = 3_000;
/** Addresses remembered; past it the one that failed longest ago is forgotten. */
const REMEMBERED = 10_000;

/**
 * Bounds how often one address may try tokens that are wrong. Right ones cost nothing; but while an address is held
 * off, nothing it sends is compared.
 */
export class FailedLogins {
  /** When the address will have nothing left to be forgiven, ms since 1970. In the order of the last failure. */
  readonly #until = new Map<string, number>();

  /** 0, or ms until the address may try again: it has as many wrong tokens to be forgiven as it may send. */
  heldOff(address: string, now: number, burst: number): number {
    const until = this.#until.get(addressGroup(address)) ?? 0;
    return Math.max(0, until - now - (burst - 1) * FORGIVEN_AFTER);
  }

  failed(address: string, now: number): void {
    const group = addressGroup(address);
    const until = Math.max(now, this.#until.get(group) ?? 0) + FORGIVEN_AFTER;
    this.#until.delete(group);
    this.#until.set(group, until);
    if (this.#until.size <= REMEMBERED) return;
    for (const oldest of this.#until.keys()) {
      this.#until.delete(oldest);
      break;
    }
  }
}
