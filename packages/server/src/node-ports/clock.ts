import type { Clock } from '@portcullis/engine';

/** The longest delay `setTimeout` takes; past it Node fires at once. */
const LONGEST = 2 ** 31 - 1;

/**
 * Wall time that never steps back. When the machine's clock jumps ahead, so does this one; when it is set back, this
 * one goes on at half speed until the two agree, so that nothing expires twice and nothing stands still.
 */
export class NodeClock implements Clock {
  readonly #wall: () => number;
  readonly #steady: () => number;
  #now: number;
  #last: number;
  #lastWall: number;
  #whole: number;

  /** `wall`: ms since 1970, may jump. `steady`: ms since whenever, never does. */
  constructor(wall: () => number = Date.now, steady: () => number = () => performance.now()) {
    this.#wall = wall;
    this.#steady = steady;
    this.#now = wall();
    this.#last = steady();
    this.#lastWall = this.#now;
    this.#whole = Math.floor(this.#now);
  }

  now(): number {
    const wall = this.#wall();
    // Asked several times for every message: within one millisecond of the wall's nothing is worked out again.
    if (wall === this.#lastWall) return this.#whole;
    this.#lastWall = wall;
    const steady = this.#steady();
    const elapsed = steady - this.#last;
    this.#last = steady;
    this.#now = Math.max(this.#now + elapsed / 2, wall);
    this.#whole = Math.floor(this.#now);
    return this.#whole;
  }

  after(ms: number, fn: () => void): () => void {
    const due = this.now() + Math.max(0, ms);
    let timer: NodeJS.Timeout;
    const arm = () => {
      const left = due - this.now();
      // Node may fire a millisecond early, and far timers are reached in steps.
      if (left > 0) timer = wait(left, arm);
      else fn();
    };
    timer = wait(Math.max(0, ms), arm);
    return () => clearTimeout(timer);
  }

  /** Sockets are read in the poll phase of the event loop; the check phase follows when all that arrived was handled. */
  endOfTurn(fn: () => void): void {
    setImmediate(fn);
  }
}

/** No timer keeps a process alive that has nothing else to do: listening ports and the store do that. */
function wait(ms: number, fn: () => void): NodeJS.Timeout {
  return setTimeout(fn, Math.min(ms, LONGEST)).unref();
}
