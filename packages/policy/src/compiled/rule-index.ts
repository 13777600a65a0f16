import type { Rule } from '../rule.ts';
import { type CompiledTarget, compileTarget, type Target } from '../target.ts';
import { BoundedCache } from './bounded-cache.ts';
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
  readonly #exact: Map<string, Rule>;
  readonly #nested: Map<string, TargetBucket>;
  /** The lengths of literal prefixes that occur, longest first. */
  readonly #lengths: readonly number[];
  readonly #cache = new BoundedCache<string, Rule | typeof NONE>(CACHED_NAMES);

  private constructor(rules: readonly Rule[], exact: Map<string, Rule>, nested: Map<string, TargetBucket>) {
    this.rules = rules;
    this.#exact = exact;
    this.#nested = nested;
    const lengths = new Set<number>();
    for (const prefix of nested.keys()) lengths.add(prefix.length);
    this.#lengths = [...lengths].sort((a, b) => b - a);
  }

  static of(rules: readonly Rule[]): RuleIndex {
    return new RuleIndex([], new Map(), new Map()).changed(rules, { gone: [], come: rules });
  }

  /** The index of other rules, of which only some differ: the rest is not looked at again. */
  changed(rules: readonly Rule[], { gone, come }: RuleChanges): RuleIndex {
    const exact = new Map(this.#exact);
    const vacant = new Set<string>();
    for (const rule of gone) {
      if (rule.nested || exact.get(rule.target) !== rule) continue;
      exact.delete(rule.target);
      vacant.add(rule.target);
    }
    for (const rule of come) if (!rule.nested) settle(exact, rule);
    // Another rule of the same target, which the one that is gone went before, takes its place.
    if (vacant.size > 0) for (const rule of rules) if (!rule.nested && vacant.has(rule.target)) settle(exact, rule);
    return new RuleIndex(rules, exact, this.#nestedChanged({ gone, come }));
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

  #nestedChanged({ gone, come }: RuleChanges): Map<string, TargetBucket> {
    const nested = new Map(this.#nested);
    const touched = new Map<string, { readonly gone: Set<Rule>; readonly come: Rule[] }>();
    const at = (rule: Rule) => {
      const { prefix } = targetOf(rule);
      const known = touched.get(prefix) ?? { gone: new Set<Rule>(), come: [] };
      touched.set(prefix, known);
      return known;
    };
    for (const rule of gone) if (rule.nested && rule.enabled) at(rule).gone.add(rule);
    for (const rule of come) if (rule.nested && rule.enabled) at(rule).come.push(rule);
    for (const [prefix, change] of touched) {
      const left = (nested.get(prefix)?.entries ?? []).filter(({ rule }) => !change.gone.has(rule));
      const entries = [...left, ...change.come.map((rule) => ({ rule, target: targetOf(rule) }))];
      if (entries.length === 0) nested.delete(prefix);
      else nested.set(prefix, new TargetBucket(entries));
    }
    return nested;
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

/** Of two enabled rules with the same exact target the lower id applies. */
function settle(exact: Map<string, Rule>, rule: Rule): void {
  if (!rule.enabled) return;
  const other = exact.get(rule.target);
  if (other === undefined || rule.id < other.id) exact.set(rule.target, rule);
}

function targetOf(rule: Rule): CompiledTarget {
  let target = compiled.get(rule);
  if (target === undefined) {
    target = compileTarget(rule);
    compiled.set(rule, target);
  }
  return target;
}
