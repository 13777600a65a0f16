import type { Rule } from '../rule.ts';
import { type CompiledTarget, compareSpecificity, compileTarget } from '../target.ts';

interface Entry {
  readonly rule: Rule;
  readonly target: CompiledTarget;
}

/** Enabled rules, found by whether their targets could have a name in common: one literal prefix begins the other. */
export class Neighbourhood {
  /** Ordered by literal prefix, so that those that begin alike stand together. */
  readonly #entries: readonly Entry[];
  readonly #byPrefix = new Map<string, Entry[]>();

  constructor(rules: readonly Rule[]) {
    this.#entries = rules
      .filter(({ enabled }) => enabled)
      .map((rule) => ({ rule, target: compileTarget(rule) }))
      .sort((a, b) => (a.target.prefix < b.target.prefix ? -1 : 1));
    for (const entry of this.#entries) {
      const others = this.#byPrefix.get(entry.target.prefix);
      if (others === undefined) this.#byPrefix.set(entry.target.prefix, [entry]);
      else others.push(entry);
    }
  }

  /** Those that go before the rule where both match, at most `limit`. */
  before(rule: Rule, limit: number): readonly Rule[] {
    return this.#near(rule, limit, (order) => order < 0);
  }

  /** Those that come after it, the next first. */
  after(rule: Rule, limit: number): readonly Rule[] {
    return this.#near(rule, limit, (order) => order > 0);
  }

  #near(rule: Rule, limit: number, wanted: (order: number) => boolean): readonly Rule[] {
    const own = compileTarget(rule);
    const near: Entry[] = [];
    for (const entry of this.#candidates(own.prefix)) {
      if (near.length >= limit) break;
      if (entry.rule.id !== rule.id && wanted(order(entry, { rule, target: own }))) near.push(entry);
    }
    return near.sort(order).map((entry) => entry.rule);
  }

  *#candidates(prefix: string): Generator<Entry> {
    for (let length = 0; length < prefix.length; length++) yield* this.#byPrefix.get(prefix.slice(0, length)) ?? [];
    for (let at = this.#firstNotBefore(prefix); at < this.#entries.length; at++) {
      const entry = this.#entries[at];
      if (entry === undefined || !entry.target.prefix.startsWith(prefix)) return;
      yield entry;
    }
  }

  #firstNotBefore(prefix: string): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle]?.target.prefix ?? '') < prefix) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const order = (a: Entry, b: Entry): number => compareSpecificity(a.target, b.target) || a.rule.id - b.rule.id;
