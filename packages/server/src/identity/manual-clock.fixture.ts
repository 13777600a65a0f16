import type { Clock } from '@portcullis/engine';

export const NOW = 1_800_000_000_000;
export const SECONDS = NOW / 1000;

/** A clock that goes when it is told to. */
export class ManualClock implements Clock {
  #now = NOW;
  readonly #timers = new Set<{ readonly due: number; readonly fn: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { due: this.#now + ms, fn };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  endOfTurn(fn: () => void): void {
    queueMicrotask(fn);
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Passes time, once what was begun has run until only timers are waited for, and lets what it sets off do the same. */
  async pass(ms: number): Promise<void> {
    await settled();
    const until = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.due - b.due);
      if (!next || next.due > until) break;
      this.#now = Math.max(this.#now, next.due);
      this.#timers.delete(next);
      next.fn();
      await settled();
    }
    this.#now = until;
    await settled();
  }
}

/** Everything that needs no timer and no network has run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
