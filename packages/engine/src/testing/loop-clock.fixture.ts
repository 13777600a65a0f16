import type { Clock } from '../ports/clock.ts';

interface Alarm {
  readonly at: number;
  readonly fn: () => void;
}

/** A clock that stands still until it is told to go on, for what lives on the event loop: turns end as they do there. */
export class LoopClock implements Clock {
  #now = 1_700_000_000_000;
  #alarms: Alarm[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, fn: () => void): () => void {
    const alarm = { at: this.#now + ms, fn };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  }

  endOfTurn(fn: () => void): void {
    setImmediate(fn);
  }

  get alarms(): number {
    return this.#alarms.length;
  }

  /** ms until each alarm, the next one first. */
  get waits(): readonly number[] {
    return this.#alarms.map(({ at }) => at - this.#now).sort((one, other) => one - other);
  }

  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const [next] = this.#alarms.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#alarms = this.#alarms.filter((other) => other !== next);
      this.#now = next.at;
      next.fn();
    }
    this.#now = until;
  }
}
