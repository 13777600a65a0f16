import type { AccessSettings } from '../access.ts';
import type { Rule } from '../rule.ts';
import { uniformRule } from '../uniform-rule.ts';

/** The rule as the app's settings let it apply: no more history than the app offers. */
export function effectiveRule(rule: Rule, settings: AccessSettings): Rule {
  const history = effectiveHistory(rule.history, settings);
  const known = effective.get(rule);
  if (known?.history === history) return known;
  const made = uniformRule(rule, history);
  effective.set(rule, made);
  return made;
}

/** As they applied last: a rule that did not change is the same object in the next policy. */
const effective = new WeakMap<Rule, Rule>();

export function effectiveHistory(asked: number, { features, historyMax }: AccessSettings): number {
  if (!features.history) return 0;
  return Math.max(0, Math.min(asked, historyMax));
}

/** With rules off, the one rule that every legal name behaves under. */
export function openRule(settings: AccessSettings): Rule {
  return effectiveRule(
    {
      id: 0,
      version: 0,
      target: '*',
      nested: true,
      enabled: true,
      description: 'Channel rules are off',
      anonymousClients: true,
      presence: true,
      publicMessaging: { enabled: true, authenticatedOnly: false },
      authenticatedMessaging: true,
      privateMessaging: { enabled: true, authenticatedOnly: false },
      history: settings.historyDefault,
      origin: 'file',
    },
    settings,
  );
}
