import type { AccessSettings } from '../access.ts';
import type { MessagingSwitch, Rule } from '../rule.ts';

/**
 * The rule as the app's settings let it apply: no more history than the app offers. All are written out here in one order,
 * so that the engine sees one kind of object: rules put together by copying defaults are each of a kind of its own, and a
 * decision then spends most of its time on reading four of their fields.
 */
export function effectiveRule(rule: Rule, settings: AccessSettings): Rule {
  const history = effectiveHistory(rule.history, settings);
  const known = effective.get(rule);
  if (known?.history === history) return known;
  const made: Rule = {
    id: rule.id,
    anonymousClients: rule.anonymousClients,
    presence: rule.presence,
    history,
    publicMessaging: sameSwitch(rule.publicMessaging),
    authenticatedMessaging: rule.authenticatedMessaging,
    privateMessaging: sameSwitch(rule.privateMessaging),
    enabled: rule.enabled,
    nested: rule.nested,
    target: rule.target,
    version: rule.version,
    description: rule.description,
    origin: rule.origin,
  };
  effective.set(rule, made);
  return made;
}

/** As they applied last: a rule that did not change is the same object in the next policy. */
const effective = new WeakMap<Rule, Rule>();

/** There are four; rules share them. */
const SWITCHES: readonly MessagingSwitch[] = [false, true].flatMap((enabled) =>
  [false, true].map((authenticatedOnly) => Object.freeze({ enabled, authenticatedOnly })),
);

function sameSwitch({ enabled, authenticatedOnly }: MessagingSwitch): MessagingSwitch {
  return SWITCHES[(enabled ? 2 : 0) + (authenticatedOnly ? 1 : 0)] as MessagingSwitch;
}

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
