import type { Clock } from './ports/clock.ts';

/** One timer for the next expiry of all: it is told within 100 ms, and nothing is written to it before. */
export class ExpiryTimer {
  readonly #clock: Clock;
  readonly #queue: { readonly next: number };
  #armedAt = Number.POSITIVE_INFINITY;
  #disarm: () => void = () => {};
  #due: () => void = () => {};

  constructor(clock: Clock, queue: { readonly next: number }) {
    this.#clock = clock;
    this.#queue = queue;
  }

  /** What is done when something is due; set once by the engine. */
  onDue(due: () => void): void {
    this.#due = due;
  }

  /** Called when the queue may begin with an earlier instant than before. */
  arm(): void {
    const { next } = this.#queue;
    if (next >= this.#armedAt) return;
    this.#disarm();
    this.#armedAt = next;
    this.#disarm = this.#clock.after(Math.max(0, next - this.#clock.now()), () => {
      this.#armedAt = Number.POSITIVE_INFINITY;
      this.#due();
      this.arm();
    });
  }

  stop(): void {
    this.#disarm();
  }
}
