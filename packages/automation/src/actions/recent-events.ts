/** Events that are remembered of each app, and characters of them together. */
const EVENTS = 100;
const CHARACTERS = 1_048_576;
/** How long everything is remembered once somebody asked, ms. */
const WATCHED = 15 * 60_000;

/** The newest events of one app as text, for a dry run on what really happens. Bounded; forgotten with the process. */
export class RecentEvents {
  readonly #texts: string[] = [];
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

  add(text: string): void {
    this.#texts.push(text);
    this.#characters += text.length;
    while (this.#texts.length > EVENTS || (this.#characters > CHARACTERS && this.#texts.length > 1)) {
      this.#characters -= this.#texts.shift()?.length ?? 0;
    }
  }

  /** Oldest first. */
  all(): readonly string[] {
    return this.#texts;
  }
}
