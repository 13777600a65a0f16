import type { PolicySource } from '../policy.ts';
import type { Rule } from '../rule.ts';
import type { Target } from '../target.ts';
import { effectiveRule, openRule } from './effective-rule.ts';
import { GrantBits } from './grant-bits.ts';
import { type RuleChanges, RuleIndex } from './rule-index.ts';
import { StandingIndex } from './standing-index.ts';

/** Which gates stand. `access.open` is the only way to have both off; both off without it leaves the rules on. */
export interface Gates {
  readonly rules: boolean;
  readonly grants: boolean;
}

/** The indexes and caches of one policy. Parts that a change did not touch are taken over from the one before. */
export class CompiledPolicy {
  readonly gates: Gates;
  readonly standing: StandingIndex;
  readonly bits: GrantBits;
  readonly #index: RuleIndex;
  readonly #open: Rule;

  constructor({ settings, rules, revocations, bans }: PolicySource, previous?: CompiledPolicy) {
    this.gates = { rules: settings.rules || !(settings.grants || settings.open), grants: settings.grants };
    this.#open = openRule(settings);
    const effective = rules.map((rule) => effectiveRule(rule, settings));
    this.#index = indexOf(effective, previous === undefined ? undefined : previous.#index);
    this.standing =
      previous && sameItems(previous.standing.revocations, revocations) && sameItems(previous.standing.bans, bans)
        ? previous.standing
        : new StandingIndex(revocations, bans);
    this.bits = previous?.bits.mode === settings.patternMatch ? previous.bits : new GrantBits(settings.patternMatch);
  }

  ruleWithTarget(target: Target): Rule | undefined {
    return this.#index.withTarget(target);
  }

  /** The one rule that applies to a valid name. */
  ruleFor(name: string): Rule | undefined {
    return this.gates.rules ? this.#index.find(name) : this.#open;
  }
}

/** Beyond this share of the rules, changing an index costs no less than making one. */
const MOST_CHANGED = 0.25;

function indexOf(rules: readonly Rule[], previous: RuleIndex | undefined): RuleIndex {
  if (!previous) return RuleIndex.of(rules);
  const changes = differing(previous.rules, rules);
  const count = changes.gone.length + changes.come.length;
  if (count === 0) return previous;
  return count > rules.length * MOST_CHANGED ? RuleIndex.of(rules) : previous.changed(rules, changes);
}

/** What stays keeps its order: of the rest of the one all is gone, and of the rest of the other all has come. */
function differing(before: readonly Rule[], after: readonly Rule[]): RuleChanges {
  const gone: Rule[] = [];
  let at = 0;
  for (const rule of before) {
    if (rule === after[at]) at += 1;
    else gone.push(rule);
  }
  return { gone, come: after.slice(at) };
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a === b || (a.length === b.length && a.every((item, i) => item === b[i]));
}
