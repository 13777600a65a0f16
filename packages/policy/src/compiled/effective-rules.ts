import type { AccessSettings } from '../access.ts';
import type { Rule } from '../rule.ts';
import { effectiveHistory, effectiveRule } from './effective-rule.ts';
import { RuleIndex } from './rule-index.ts';

/** Beyond this share of the rules, changing an index costs no less than making one. */
const MOST_CHANGED = 0.25;
/** So many rules may be gone in a row before what follows counts as another list. */
const MOST_GONE_IN_A_ROW = 16;

/** The rules of a policy as they were given, as they apply, and their index. An edit of few costs what these few do. */
export class EffectiveRules {
  readonly index: RuleIndex;
  readonly #given: readonly Rule[];
  /** As they apply, in the same order. */
  readonly #effective: readonly Rule[];
  /** Up to so many are kept. */
  readonly #historyMost: number;

  private constructor(given: readonly Rule[], effective: readonly Rule[], historyMost: number, index: RuleIndex) {
    this.#given = given;
    this.#effective = effective;
    this.#historyMost = historyMost;
    this.index = index;
  }

  static of(given: readonly Rule[], settings: AccessSettings): EffectiveRules {
    const effective = given.map((rule) => effectiveRule(rule, settings));
    return new EffectiveRules(given, effective, mostHistory(settings), RuleIndex.of(effective));
  }

  /** What other rules come to. They share with these what did not change. */
  next(given: readonly Rule[], settings: AccessSettings): EffectiveRules {
    const sameHistory = mostHistory(settings) === this.#historyMost;
    if (sameHistory && given === this.#given) return this;
    return this.#indexed(given, settings, sameHistory ? this.#walked(given, settings) : this.#anew(given, settings));
  }

  #indexed(given: readonly Rule[], settings: AccessSettings, { rules, gone, come }: Differing): EffectiveRules {
    const count = gone.length + come.length;
    const index =
      count === 0
        ? this.index
        : count > rules.length * MOST_CHANGED
          ? RuleIndex.of(rules)
          : this.index.changed(rules, { gone, come });
    return new EffectiveRules(given, rules, mostHistory(settings), index);
  }

  /** Other settings: every rule may apply otherwise. */
  #anew(given: readonly Rule[], settings: AccessSettings): Differing {
    const rules = given.map((rule) => effectiveRule(rule, settings));
    const before = new Set(this.#effective);
    const after = new Set(rules);
    return {
      rules,
      gone: this.#effective.filter((rule) => !after.has(rule)),
      come: rules.filter((rule) => !before.has(rule)),
    };
  }

  /** What stays keeps its order: it is passed in one walk, and nothing is looked up for it. */
  #walked(given: readonly Rule[], settings: AccessSettings): Differing {
    const before = this.#given;
    const known = this.#effective;
    const rules: Rule[] = new Array(given.length);
    const gone: Rule[] = [];
    const come: Rule[] = [];
    let at = 0;
    for (let i = 0; i < given.length; i++) {
      const rule = given[i] as Rule;
      const found = placeOf(rule, before, at);
      if (found < 0) {
        const made = effectiveRule(rule, settings);
        rules[i] = made;
        come.push(made);
        continue;
      }
      for (; at < found; at++) gone.push(known[at] as Rule);
      rules[i] = known[found] as Rule;
      at = found + 1;
    }
    for (; at < known.length; at++) gone.push(known[at] as Rule);
    return { rules, gone, come };
  }
}

interface Differing {
  /** All, as they apply. */
  readonly rules: readonly Rule[];
  readonly gone: readonly Rule[];
  readonly come: readonly Rule[];
}

/** Where a rule stood, from `at` on; -1 where it is not among the next few. */
function placeOf(rule: Rule, before: readonly Rule[], at: number): number {
  const end = Math.min(before.length, at + MOST_GONE_IN_A_ROW);
  for (let i = at; i < end; i++) if (before[i] === rule) return i;
  return -1;
}

/** As many messages as a rule may keep under the settings. */
const mostHistory = (settings: AccessSettings): number => effectiveHistory(Number.POSITIVE_INFINITY, settings);
