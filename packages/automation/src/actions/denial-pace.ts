/** How often refusals may be told, per second. */
export interface DenialLimits {
  /** In the whole app. */
  readonly deniedEvents: number;
  /** To whoever comes from one address. */
  readonly deniedPerAddress: number;
}

/**
 * Strangers decide how often they are refused: so many refusals a second are told, of one address fewer, so that nobody keeps the
 * others' from being told; and how many were not.
 */
export class DenialPace {
  #second = 0;
  #told = 0;
  #missed = 0;
  /** What was told of each address in this second: no more of them than were told at all. */
  readonly #byAddress = new Map<string, number>();

  /** Whether one is told now, and what the client's address has to do with it where it is known. */
  mayTell(now: number, { deniedEvents, deniedPerAddress }: DenialLimits, address: string | undefined): boolean {
    const second = Math.floor(now / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#told = 0;
      this.#byAddress.clear();
    }
    const before = address === undefined ? 0 : (this.#byAddress.get(address) ?? 0);
    if (this.#told >= deniedEvents || (address !== undefined && before >= deniedPerAddress)) {
      this.#missed += 1;
      return false;
    }
    this.#told += 1;
    if (address !== undefined) this.#byAddress.set(address, before + 1);
    return true;
  }

  /** Those that were not told since this was asked last. */
  takeMissed(): number {
    const missed = this.#missed;
    this.#missed = 0;
    return missed;
  }
}
