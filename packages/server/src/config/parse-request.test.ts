import { RULE_DEFAULTS } from '@portcullis/policy';
import { expect, test } from 'vitest';
import { appDefinition, signingSecrets } from './app-definition.ts';
import { parseAppSettings, parseRuleSpec } from './parse-request.ts';

const SERVER = { host: '127.0.0.1', outbound: { private: 'deny' as const }, maxHeader: 65_536 };
const LIMIT = { historyMax: 100 };

test('a rule says only its target and has the defaults of the policy', () => {
  expect(parseRuleSpec({ target: 'x' }, LIMIT)).toEqual({
    ok: true,
    value: { target: 'x', ...RULE_DEFAULTS },
    warnings: [],
  });
});

test.each([
  [{ target: 'x', hitory: 1 }, 'hitory', 'unknown key, did you mean "history"?'],
  [{ target: 'x', history: 101 }, 'history', "is 101, over the app's history.max of 100"],
  [{ target: 'x*' }, 'target', 'a * needs nested channels'],
  [{ target: 'x', id: 4 }, 'id', 'unknown key'],
  [{}, 'target', 'is required'],
  [null, '', 'expected keys and values'],
  [[], '', 'expected keys and values, not a list'],
  ['x', '', 'expected keys and values'],
])('the rule %j is refused at %j', (json, path, message) => {
  const parsed = parseRuleSpec(json, LIMIT);
  expect(parsed.ok).toBe(false);
  expect(parsed.ok ? undefined : parsed.problems[0]).toMatchObject({ path, message: expect.stringContaining(message) });
});

test('an app of the API has the settings of the file and no rules', () => {
  const parsed = parseAppSettings({ id: 'shop', connectionHash: 'h' }, SERVER);
  expect(parsed.ok && parsed.value).toMatchObject({ id: 'shop', channels: [], access: { rules: true, grants: false } });
  const withRules = parseAppSettings({ id: 'shop', connectionHash: 'h', channels: [] }, SERVER);
  expect(withRules.ok ? [] : withRules.problems).toMatchObject([{ path: 'channels' }]);
});

test('the definition for the engine numbers the file’s rules from 1', () => {
  const parsed = parseAppSettings({ id: 'shop', connectionHash: 'h', history: { max: 7 } }, SERVER);
  if (!parsed.ok) throw new Error('refused');
  const rule = parseRuleSpec({ target: 'x' }, LIMIT);
  const definition = appDefinition({ ...parsed.value, channels: rule.ok ? [rule.value, rule.value] : [] });
  expect(definition.fileRules).toMatchObject([
    { id: 1, origin: 'file' },
    { id: 2, origin: 'file' },
  ]);
  expect(definition.settings).toMatchObject({ rules: true, historyMax: 7, historyDefault: 7, historyWiden: false });
  expect(definition.limits).toMatchObject({ message: 32_768, rosterMax: 1_000 });
});

test('messages are kept by number alone under rules, for a week where tokens rule, or as long as the app says', () => {
  const retention = (settings: object) => {
    const parsed = parseAppSettings({ id: 'shop', ...settings } as never, SERVER);
    return parsed.ok ? appDefinition(parsed.value).retention : parsed.problems;
  };
  expect(retention({ connectionHash: 'h' })).toBeUndefined();
  expect(retention({ keys: { subscribe: 's', publish: 'p', secret: 'x'.repeat(40) } })).toBe(604_800_000);
  expect(retention({ connectionHash: 'h', history: { retention: '12h' } })).toBe(43_200_000);
  expect(retention({ connectionHash: 'h', history: { retention: 'soon' } })).toMatchObject([
    { path: 'history.retention' },
  ]);
});

test('a signing secret keeps its id when it is rotated out', () => {
  const [a, b] = ['a'.repeat(40), 'b'.repeat(40)];
  const secrets = (keys: Record<string, string>) => {
    const parsed = parseAppSettings({ id: 'x', keys: { subscribe: 's', ...keys } }, SERVER);
    return parsed.ok ? signingSecrets(parsed.value) : [];
  };
  const [before] = secrets({ secret: a });
  const after = secrets({ secret: b, previousSecret: a });
  expect(after).toHaveLength(2);
  expect(after[1]).toEqual(before);
  expect(before?.id).not.toContain(a.slice(0, 8));
});
