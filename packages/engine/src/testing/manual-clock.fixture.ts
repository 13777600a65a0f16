import type { Clock } from '../ports/clock.ts';

interface Timer {
  readonly at: number;
  readonly fn: () => void;
  off: boolean;
}

/** Time that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: number;
  #timers: Timer[] = [];
  #turnEnds: (() => void)[] = [];

  constructor(now = 1_800_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, fn: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, ms), fn, off: false };
    this.#timers.push(timer);
    return () => {
      timer.off = true;
    };
  }

  /** Timers that are set. */
  get alarms(): number {
    return this.#timers.filter((timer) => !timer.off).length;
  }

  endOfTurn(fn: () => void): void {
    this.#turnEnds.push(fn);
  }

  /** Ends the turn: what was put off to its end runs now, and what that puts off. */
  turn(): void {
    for (let ends = this.#turnEnds.splice(0); ends.length > 0; ends = this.#turnEnds.splice(0)) {
      for (const end of ends) end();
    }
  }

  /** Moves time, running timers in order, each in a turn of its own. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      this.#timers = this.#timers.filter((timer) => !timer.off);
      const next = this.#timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers.splice(this.#timers.indexOf(next), 1);
      this.#now = Math.max(this.#now, next.at);
      next.fn();
      this.turn();
    }
    this.#now = Math.max(this.#now, until);
    this.turn();
  }

  /** Time passes while something is being done: no timer rings before it is. */
  pass(ms: number): void {
    this.#now += ms;
  }
}
