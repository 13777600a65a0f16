import type { Draft } from './event.ts';

/** Events that are remembered of each app, and characters of them together. */
const EVENTS = 100;
const CHARACTERS = 1_048_576;
/** How long everything is remembered once somebody asked, ms. */
const WATCHED = 15 * 60_000;

/** The newest events of one app, for a dry run on what really happens. Bounded; forgotten with the process. */
export class RecentEvents {
  /** Those before `#first` are forgotten, and taken out many at a time. */
  readonly #drafts: (Draft | undefined)[] = [];
  #first = 0;
  #characters = 0;
  #until = 0;

  /** From now on for a while everything is remembered, also what nobody listens to. */
  watch(now: number): void {
    this.#until = now + WATCHED;
  }

  /** Asked on every message: without a watch it looks at no clock. */
  watching(now: () => number): boolean {
    if (this.#until === 0) return false;
    if (now() < this.#until) return true;
    this.#until = 0;
    return false;
  }

  /** Their text is not made before somebody looks. */
  add(draft: Draft): void {
    this.#drafts.push(draft);
    this.#characters += draft.size;
    while (this.#count > EVENTS || (this.#characters > CHARACTERS && this.#count > 1)) this.#forgetOldest();
  }

  get #count(): number {
    return this.#drafts.length - this.#first;
  }

  #forgetOldest(): void {
    this.#characters -= this.#drafts[this.#first]?.size ?? 0;
    this.#drafts[this.#first] = undefined;
    this.#first += 1;
    if (this.#first < EVENTS) return;
    this.#drafts.splice(0, this.#first);
    this.#first = 0;
  }

  /** Oldest first. */
  all(): readonly string[] {
    return this.#drafts.slice(this.#first).flatMap((draft) => draft?.text ?? []);
  }
}
