import { isPromise, type MaybePromise } from './maybe-promise.ts';
import type { PublishOutcome } from './outcome.ts';

interface First {
  /** ms since 1970. */
  readonly at: number;
  outcome: MaybePromise<PublishOutcome>;
}

const KEYS_MOST = 100_000;
/** ms for which a key is remembered where the app remembers nothing else. */
const AGE = 20 * 60_000;

/** What was published under keys that clients chose, in one app: the oldest goes first. */
export class PublishedKeys {
  readonly #firsts = new Map<string, First>();

  get size(): number {
    return this.#firsts.size;
  }

  /** The answer of the first publish under the key, if it is under way or was published within the window. */
  of(key: string, now: number, age = AGE): MaybePromise<PublishOutcome> | undefined {
    const first = this.#firsts.get(key);
    if (!first) return undefined;
    // One under way is waited for, however long that takes.
    if (isPromise(first.outcome) || now - first.at <= age) return first.outcome;
    this.#firsts.delete(key);
    return undefined;
  }

  set(key: string, outcome: MaybePromise<PublishOutcome>, now: number, most = KEYS_MOST): void {
    this.#firsts.delete(key);
    this.#firsts.set(key, { at: now, outcome });
    if (this.#firsts.size <= most) return;
    for (const oldest of this.#firsts.keys()) {
      this.#firsts.delete(oldest);
      return;
    }
  }

  /** As the store has it: what was published by a process before, or longer ago than this one remembers. */
  restore(key: string, outcome: PublishOutcome, at: number, most?: number): void {
    if (!this.#firsts.has(key)) this.set(key, outcome, at, most);
  }

  /** It was not published: the next one under the key is the first. */
  delete(key: string): void {
    this.#firsts.delete(key);
  }
}
