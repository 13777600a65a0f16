import type { PolicySource } from '../policy.ts';
import type { Rule } from '../rule.ts';
import type { Target } from '../target.ts';
import { openRule } from './effective-rule.ts';
import { EffectiveRules } from './effective-rules.ts';
import { GrantBits } from './grant-bits.ts';
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
  readonly #rules: EffectiveRules;
  readonly #open: Rule;

  constructor({ settings, rules, revocations, bans }: PolicySource, previous?: CompiledPolicy) {
    this.gates = { rules: settings.rules || !(settings.grants || settings.open), grants: settings.grants };
    this.#open = openRule(settings);
    this.#rules = previous === undefined ? EffectiveRules.of(rules, settings) : previous.#rules.next(rules, settings);
    this.standing = previous?.standing.next(revocations, bans) ?? StandingIndex.of(revocations, bans);
    this.bits = previous?.bits.mode === settings.patternMatch ? previous.bits : new GrantBits(settings.patternMatch);
  }

  ruleWithTarget(target: Target): Rule | undefined {
    return this.#rules.index.withTarget(target);
  }

  /** The one rule that applies to a valid name. */
  ruleFor(name: string): Rule | undefined {
    return this.gates.rules ? this.#rules.index.find(name) : this.#open;
  }
}
