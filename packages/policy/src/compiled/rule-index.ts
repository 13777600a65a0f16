import type { Rule } from '../rule.ts';
import { type CompiledTarget, compileTarget, type Target } from '../target.ts';
import { BoundedCache } from './bounded-cache.ts';
import { LayeredMap } from './layered-map.ts';
import { TargetBucket } from './target-bucket.ts';

/** Targets of rules that are still around: a change of one rule compiles one. */
const compiled = new WeakMap<Rule, CompiledTarget>();

/** Names whose answer is kept, per generation of the cache. */
const CACHED_NAMES = 4096;
const NONE = Symbol('no rule');

/** What differs between two lists of rules. */
export interface RuleChanges {
  readonly gone: readonly Rule[];
  readonly come: readonly Rule[];
}

/**
 * Finds the one rule that applies to a name: an exact target by one look-up; otherwise the literal prefixes of the name,
 * longest first, each with the few targets that begin with it.
 */
export class RuleIndex {
  /** As they are to apply. Disabled ones do not exist. */
  readonly rules: readonly Rule[];
  readonly #exact: LayeredMap<string, Rule>;
  readonly #nested: LayeredMap<string, TargetBucket>;
  /** How many literal prefixes there are of each length. */
  readonly #prefixes: ReadonlyMap<number, number>;
  /** The lengths of literal prefixes that occur, longest first. */
  readonly #lengths: readonly number[];
  readonly #cache = new BoundedCache<string, Rule | typeof NONE>(CACHED_NAMES);

  private constructor(
    rules: readonly Rule[],
    exact: LayeredMap<string, Rule>,
    nested: LayeredMap<string, TargetBucket>,
    prefixes: ReadonlyMap<number, number>,
  ) {
    this.rules = rules;
    this.#exact = exact;
    this.#nested = nested;
    this.#prefixes = prefixes;
    this.#lengths = [...prefixes.keys()].sort((a, b) => b - a);
  }

  static of(rules: readonly Rule[]): RuleIndex {
    const none = new RuleIndex([], new LayeredMap(), new LayeredMap(), new Map());
    return none.changed(rules, { gone: [], come: rules });
  }

  /** The index of other rules, of which only some differ: the rest is not looked at again. */
  changed(rules: readonly Rule[], { gone, come }: RuleChanges): RuleIndex {
    const { nested, prefixes } = this.#nestedChanged({ gone, come });
    return new RuleIndex(rules, this.#exactChanged(rules, { gone, come }), nested, prefixes);
  }

  find(name: string): Rule | undefined {
    const cached = this.#cache.get(name);
    if (cached !== undefined) return cached === NONE ? undefined : cached;
    const rule = this.#exact.get(name) ?? this.#findNested(name);
    this.#cache.set(name, rule ?? NONE);
    return rule;
  }

  /** The rule with this very target. */
  withTarget(wanted: Target): Rule | undefined {
    if (!wanted.nested) return this.#exact.get(wanted.target);
    const bucket = this.#nested.get(compileTarget(wanted).prefix);
    return bucket?.entries.find(({ target }) => target.target === wanted.target)?.rule;
  }

  #exactChanged(rules: readonly Rule[], { gone, come }: RuleChanges): LayeredMap<string, Rule> {
    const changes = new Map<string, Rule | undefined>();
    const vacant = new Set<string>();
    for (const rule of gone) {
      if (rule.nested || this.#exact.get(rule.target) !== rule) continue;
      changes.set(rule.target, undefined);
      vacant.add(rule.target);
    }
    const settle = (rule: Rule) => {
      if (rule.nested || !rule.enabled) return;
      const other = changes.has(rule.target) ? changes.get(rule.target) : this.#exact.get(rule.target);
      // Of two enabled rules with the same exact target the lower id applies.
      if (other === undefined || rule.id < other.id) changes.set(rule.target, rule);
    };
    for (const rule of come) settle(rule);
    // Another rule of the same target, which the one that is gone went before, takes its place.
    if (vacant.size > 0) for (const rule of rules) if (!rule.nested && vacant.has(rule.target)) settle(rule);
    return this.#exact.with(changes);
  }

  #nestedChanged({ gone, come }: RuleChanges) {
    const touched = new Map<string, { readonly gone: Set<Rule>; readonly come: Rule[] }>();
    const at = (rule: Rule) => {
      const { prefix } = targetOf(rule);
      const known = touched.get(prefix) ?? { gone: new Set<Rule>(), come: [] };
      touched.set(prefix, known);
      return known;
    };
    for (const rule of gone) if (rule.nested && rule.enabled) at(rule).gone.add(rule);
    for (const rule of come) if (rule.nested && rule.enabled) at(rule).come.push(rule);
    const changes = new Map<string, TargetBucket | undefined>();
    const prefixes = new Map(this.#prefixes);
    for (const [prefix, change] of touched) {
      const before = this.#nested.get(prefix);
      const left = (before?.entries ?? []).filter(({ rule }) => !change.gone.has(rule));
      const entries = [...left, ...change.come.map((rule) => ({ rule, target: targetOf(rule) }))];
      if (entries.length === 0 && before === undefined) continue;
      changes.set(prefix, entries.length === 0 ? undefined : new TargetBucket(entries));
      const more = (entries.length === 0 ? 0 : 1) - (before === undefined ? 0 : 1);
      const count = (prefixes.get(prefix.length) ?? 0) + more;
      if (count === 0) prefixes.delete(prefix.length);
      else prefixes.set(prefix.length, count);
    }
    return { nested: this.#nested.with(changes), prefixes };
  }

  #findNested(name: string): Rule | undefined {
    for (const length of this.#lengths) {
      if (length > name.length) continue;
      const found = this.#nested.get(name.slice(0, length))?.find(name, length);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function targetOf(rule: Rule): CompiledTarget {
  let target = compiled.get(rule);
  if (target === undefined) {
    target = compileTarget(rule);
    compiled.set(rule, target);
  }
  return target;
}
