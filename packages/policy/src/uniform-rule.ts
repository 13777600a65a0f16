import type { MessagingSwitch, Rule } from './rule.ts';

/**
 * The rule with its fields in one order. Rules that are put together by copying defaults are, to the JavaScript engine, each
 * of a kind of its own: among ten thousand of them a decision then spends most of its time on reading four fields.
 */
export function uniformRule(rule: Rule, history: number = rule.history): Rule {
  return {
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
}

/** There are four; rules share them. */
const SWITCHES: readonly MessagingSwitch[] = [false, true].flatMap((enabled) =>
  [false, true].map((authenticatedOnly) => Object.freeze({ enabled, authenticatedOnly })),
);

function sameSwitch({ enabled, authenticatedOnly }: MessagingSwitch): MessagingSwitch {
  return SWITCHES[(enabled ? 2 : 0) + (authenticatedOnly ? 1 : 0)] as MessagingSwitch;
}
