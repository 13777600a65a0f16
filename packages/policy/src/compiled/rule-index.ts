import type { Rule } from '../rule.ts';
import { type CompiledTarget, compileTarget } from '../target.ts';
import { BoundedCache } from './bounded-cache.ts';
import { TargetBucket } from './target-bucket.ts';

/** Targets of rules that are still around: a change of one rule compiles one. */
const compiled = new WeakMap<Rule, CompiledTarget>();

/** Names whose answer is kept, per generation of the cache. */
const CACHED_NAMES = 4096;
const NONE = Symbol('no rule');

/**
 * Finds the one rule that applies to a name: an exact target by one look-up; otherwise the literal prefixes of the name,
 * longest first, each with the few targets that begin with it.
 */
export class RuleIndex {
  readonly rules: readonly Rule[];
  readonly #exact = new Map<string, Rule>();
  readonly #nested = new Map<string, TargetBucket>();
  /** The lengths of literal prefixes that occur, longest first. */
  readonly #lengths: readonly number[];
  readonly #cache = new BoundedCache<string, Rule | typeof NONE>(CACHED_NAMES);

  /** `rules` as they are to apply. Disabled ones do not exist. */
  constructor(rules: readonly Rule[]) {
    this.rules = rules;
    for (const rule of rules) {
      if (rule.enabled) this.#add(rule);
    }
    const lengths = new Set<number>();
    for (const [prefix, bucket] of this.#nested) {
      lengths.add(prefix.length);
      bucket.close();
    }
    this.#lengths = [...lengths].sort((a, b) => b - a);
  }

  find(name: string): Rule | undefined {
    const cached = this.#cache.get(name);
    if (cached !== undefined) return cached === NONE ? undefined : cached;
    const rule = this.#exact.get(name) ?? this.#findNested(name);
    this.#cache.set(name, rule ?? NONE);
    return rule;
  }

  #add(rule: Rule): void {
    if (!rule.nested) {
      const other = this.#exact.get(rule.target);
      if (other === undefined || rule.id < other.id) this.#exact.set(rule.target, rule);
      return;
    }
    const target = targetOf(rule);
    let bucket = this.#nested.get(target.prefix);
    if (bucket === undefined) {
      bucket = new TargetBucket();
      this.#nested.set(target.prefix, bucket);
    }
    bucket.add({ rule, target });
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
