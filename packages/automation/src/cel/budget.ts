import { CEL_LIMITS } from './limits.ts';

/** What one evaluation may still cost. Evaluations do not overlap, so that one budget serves all of them. */
export class Budget {
  readonly #now: () => number;
  #rounds = 0;
  #began = 0;
  /** Why the evaluation was stopped. */
  exceeded: string | null = null;

  /** `now`: ms of a clock that only measures. */
  constructor(now: () => number) {
    this.#now = now;
  }

  begin(): void {
    this.#rounds = 0;
    this.#began = this.#now();
    this.exceeded = null;
  }

  /** One round of a loop. */
  spendRound(): true {
    this.#rounds += 1;
    if (this.#rounds > CEL_LIMITS.rounds) this.#stop(`more than ${CEL_LIMITS.rounds} rounds of loops`);
    if (this.#now() - this.#began > CEL_LIMITS.time) this.#stop(`more than ${CEL_LIMITS.time} ms`);
    return true;
  }

  /** A text of `length` characters is about to be made. */
  checkText(length: number): void {
    if (length > CEL_LIMITS.text) this.#stop(`a text of more than ${CEL_LIMITS.text} characters`);
  }

  #stop(why: string): never {
    this.exceeded ??= why;
    throw new RangeError(this.exceeded);
  }
}
