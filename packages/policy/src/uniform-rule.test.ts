import { expect, test } from 'vitest';
import { RULE_DEFAULTS, ruleFromSpec } from './rule-spec.ts';
import { uniformRule } from './uniform-rule.ts';

const asWritten = { ...RULE_DEFAULTS, target: 'room/*', nested: true, id: 7, version: 3, origin: 'store' as const };

test('a uniform rule says what it said before', () => {
  for (const enabled of [false, true]) {
    for (const authenticatedOnly of [false, true]) {
      const rule = {
        ...asWritten,
        description: 'x',
        anonymousClients: enabled,
        presence: authenticatedOnly,
        publicMessaging: { enabled, authenticatedOnly },
        authenticatedMessaging: !enabled,
        privateMessaging: { enabled: authenticatedOnly, authenticatedOnly: enabled },
        history: 12,
      };
      expect(uniformRule(rule)).toEqual(rule);
      expect(uniformRule(rule, 3)).toEqual({ ...rule, history: 3 });
    }
  }
});

test('however rules were put together, their fields stand in one order', () => {
  const { target, ...others } = asWritten;
  const order = Object.keys(uniformRule(asWritten));
  expect(Object.keys(uniformRule({ target, ...others }))).toEqual(order);
  expect(Object.keys(ruleFromSpec({ target, history: 5 }, { id: 1, version: 0, origin: 'file' }))).toEqual(order);
});
