import type { Clock } from '@portcullis/engine';

export interface Beating {
  /** Called once per period: ask for a sign of life, or give up on a peer that gave none since the last call. */
  beat(): void;
}

/** One timer for all connections: every second a share of them beats, so that ten thousand do not in one turn. */
const SHARE_MS = 1_000;

export class Keepalive {
  readonly #clock: Clock;
  readonly #shares: Set<Beating>[];
  #count = 0;
  #next = 0;
  #callOff: (() => void) | undefined;

  /** `period` in ms, rounded up to whole seconds. */
  constructor(clock: Clock, period: number) {
    this.#clock = clock;
    this.#shares = Array.from({ length: Math.max(1, Math.ceil(period / SHARE_MS)) }, () => new Set());
  }

  /** Called once for a peer. Its first beat comes one period from now, less up to a second. */
  add(peer: Beating): void {
    const share = (this.#next + this.#shares.length - 1) % this.#shares.length;
    this.#shares[share]?.add(peer);
    this.#count += 1;
    this.#callOff ??= this.#clock.after(SHARE_MS, this.#tick);
  }

  remove(peer: Beating): void {
    // Looked for: to note its share for every peer would cost more memory than this takes time.
    if (!this.#shares.some((share) => share.delete(peer))) return;
    this.#count -= 1;
    if (this.#count > 0) return;
    this.#callOff?.();
    this.#callOff = undefined;
  }

  readonly #tick = (): void => {
    this.#callOff = this.#clock.after(SHARE_MS, this.#tick);
    const share = this.#shares[this.#next] ?? [];
    this.#next = (this.#next + 1) % this.#shares.length;
    for (const peer of [...share]) peer.beat();
  };
}
