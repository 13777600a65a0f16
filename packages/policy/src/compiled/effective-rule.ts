import type { AccessSettings } from '../access.ts';
import type { Rule } from '../rule.ts';

/** The rule as the app's settings let it apply: no more history than the app offers. */
export function effectiveRule(rule: Rule, settings: AccessSettings): Rule {
  const history = effectiveHistory(rule.history, settings);
  if (history === rule.history) return rule;
  const known = narrowed.get(rule);
  if (known?.history === history) return known;
  const effective = { ...rule, history };
  narrowed.set(rule, effective);
  return effective;
}

/** As they applied last: a rule that did not change is the same object in the next policy. */
const narrowed = new WeakMap<Rule, Rule>();

export function effectiveHistory(asked: number, { features, historyMax }: AccessSettings): number {
  if (!features.history) return 0;
  return Math.max(0, Math.min(asked, historyMax));
}

/** With rules off, the one rule that every legal name behaves under. */
export function openRule(settings: AccessSettings): Rule {
  const on = { enabled: true, authenticatedOnly: false };
  return {
    id: 0,
    version: 0,
    target: '*',
    nested: true,
    enabled: true,
    description: 'Channel rules are off',
    anonymousClients: true,
    presence: true,
    publicMessaging: on,
    authenticatedMessaging: true,
    privateMessaging: on,
    history: effectiveHistory(settings.historyDefault, settings),
    origin: 'file',
  };
}
