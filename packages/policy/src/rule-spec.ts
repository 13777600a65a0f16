import type { MessagingSwitch, Rule, RuleSpec } from './rule.ts';
import { uniformRule } from './uniform-rule.ts';

const OFF: MessagingSwitch = { enabled: false, authenticatedOnly: false };

/** What a rule is when it says nothing but its target. */
export const RULE_DEFAULTS: Omit<RuleSpec, 'target'> = {
  nested: false,
  enabled: true,
  description: '',
  anonymousClients: false,
  presence: false,
  publicMessaging: OFF,
  authenticatedMessaging: false,
  privateMessaging: OFF,
  history: 0,
};

export type PartialRuleSpec = Pick<RuleSpec, 'target'> & Partial<RuleSpec>;

/** Completes what was written with the defaults. Checks nothing: `validateTarget` and the reader of the spec do. */
export function ruleFromSpec(
  spec: PartialRuleSpec,
  kept: { readonly id: number; readonly version: number; readonly origin: Rule['origin'] },
): Rule {
  return uniformRule({ ...RULE_DEFAULTS, ...spec, ...kept });
}
