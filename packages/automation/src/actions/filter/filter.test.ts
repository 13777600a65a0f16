import { expect, test } from 'vitest';
import { Language } from '../../cel/index.ts';
import type { AppEvent } from '../event.ts';
import type { FilterSpec } from '../spec.ts';
import { compileFilter } from './filter.ts';
import { compilePathFilter } from './path-filter.ts';

const language = new Language(() => performance.now());

const EVENT: AppEvent = {
  id: 'evt-1',
  type: 'message.published',
  at: 1,
  app: 'a',
  channel: 'chatroom/7',
  principal: { kind: 'user', user: 'ann', claimedUser: '', dbo: 1, row: 'ann', extras: {}, grant: null, name: '' },
  data: { message: { text: 'Hello, World', n: 7, tags: ['a', 'b'], deep: { er: null } }, meta: { lang: 'en' } },
};

function takes(spec: FilterSpec | null, event: AppEvent = EVENT): boolean {
  const compiled = compileFilter(spec, language);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.filter(event).takes;
}

test('without a filter everything is taken', () => {
  expect(takes(null)).toBe(true);
});

test.each([
  ['channel', 'exact', 'chatroom/7', true],
  ['channel', 'exact', 'chatroom', false],
  ['channel', 'contains', 'room', true],
  ['sender', 'exact', 'ann', true],
  ['sender', 'contains', 'x', false],
] as const)('basic: %s %s %s', (field, condition, value, expected) => {
  expect(takes({ basic: { field, condition, value } })).toBe(expected);
});

test.each([
  [`event.channel.startsWith("chatroom/")`, true],
  [`event.type == "message.published" && event.data.message.n > 6`, true],
  [`event.principal.user == "bob"`, false],
])('CEL: %s', (cel, expected) => {
  expect(takes({ cel })).toBe(expected);
});

test.each<[FilterSpec | null, boolean]>([
  [null, false],
  [{ basic: { field: 'channel', condition: 'exact', value: 'chatroom/7' } }, false],
  [{ jsonpath: '$.[?(@.channel == "chatroom/7")]' }, true],
  [{ cel: 'event.channel == "chatroom/7" && event.principal.user in ["ann"]' }, false],
  [{ cel: 'has(event.code) || event.data.message.n == 7' }, true],
  [{ cel: 'event.id == "evt-1"' }, true],
  [{ cel: 'event["data"].message.n == 7' }, true],
  [{ cel: 'event.exists(name, name == "data")' }, true],
])('%j needs the whole event: %s', (spec, all) => {
  const compiled = compileFilter(spec, language);
  expect(compiled).toMatchObject({ ok: true, readsAll: all });
  const { id, data, ...head } = EVENT;
  expect(compiled.ok && compiled.filter(all ? EVENT : (head as AppEvent)).takes).toBe(true);
});

test('CEL that errs takes nothing, and says why', () => {
  const compiled = compileFilter({ cel: 'event.data.nothing.here == 1' }, language);
  expect(compiled.ok && compiled.filter(EVENT)).toEqual({ takes: false, error: expect.any(String) });
});

test('CEL that cannot be read, or names what no event has, is refused with its place', () => {
  expect(compileFilter({ cel: 'event.channel ==' }, language)).toMatchObject({ ok: false, key: 'cel' });
  expect(compileFilter({ cel: 'event.chanel == ""' }, language)).toMatchObject({
    ok: false,
    message: expect.stringContaining('did you mean "channel"'),
  });
});

test('CEL that would never end is given up, and takes nothing', () => {
  const hundred = `[${Array.from({ length: 100 }, (_, at) => at).join()}]`;
  const cel = `${hundred}.all(a, ${hundred}.all(b, ${hundred}.all(c, ${hundred}.all(d, a + b + c + d >= 0))))`;
  const began = performance.now();
  expect(takes({ cel })).toBe(false);
  expect(performance.now() - began).toBeLessThan(2_000);
});

test.each([
  [`$.[?(@.channel == 'chatroom/7')]`, true],
  [`$[?(@.channel == "chatroom/7")]`, true],
  [`$.[?(@.uuid != 'bob')]`, true],
  [`$.[?(@.message.n < 7)]`, false],
  [`$.[?(@.message.n <= 7 && @.message.n >= 7)]`, true],
  [`$.[?(@.message.n > 9 || @.meta.lang == 'en')]`, true],
  [`$.[?(!(@.meta.lang == 'en'))]`, false],
  [`$.[?(@.message.text =~ /hello.*/i)]`, true],
  [`$.[?(@.message.text =~ /hello/)]`, false],
  [`$.[?(@.meta.lang in ['de', 'en'])]`, true],
  [`$.[?(@.meta.lang nin ['de', 'en'])]`, false],
  [`$.[?('b' in @.message.tags)]`, true],
  [`$.[?(@.message.tags[0] == 'a')]`, true],
  [`$.[?(@['message']['deep'].er == null)]`, true],
  [`$.[?(@.message.text)]`, true],
  [`$.[?(@.nothing.here)]`, false],
  [`$.[?(@.nothing.here == 1)]`, false],
  [`$.[?(@.nothing.here > 1)]`, false],
  [`$.[?(@.message.text > 3)]`, false],
  [`$.[?(@.message.constructor)]`, false],
])('the vendor’s paths: %s', (jsonpath, expected) => {
  expect(takes({ jsonpath })).toBe(expected);
});

test.each([
  ['@.channel == 1', 'expected the form'],
  [`$.[?(@.channel = 'x')]`, 'column 16'],
  [`$.[?(@.channel == 'x)]`, 'does not end'],
  [`$.[?(@.channel =~ 'x')]`, 'expected a pattern'],
  [`$.[?(@.channel =~ /(/)]`, 'cannot be read'],
  [`$.[?(@.channel =~ /a/x)]`, 'flags'],
  [`$.[?()]`, 'expected a value'],
  [`$.[?(@.a == 1 @.b)]`, 'unexpected'],
  [`$.[?(${'('.repeat(100)}@.a${')'.repeat(100)})]`, 'too deeply'],
  [`$.[?(@.a == '${'x'.repeat(5_000)}')]`, 'more than 4096'],
])('a path filter that cannot be read is refused: %s', (text, complaint) => {
  expect(compilePathFilter(text)).toEqual({ ok: false, message: expect.stringContaining(complaint) });
});

test('a pattern that would go back and forth runs in linear time', () => {
  const event = { ...EVENT, channel: `${'a'.repeat(5_000)}!` };
  const began = performance.now();
  expect(takes({ jsonpath: '$.[?(@.channel =~ /^(a+)+$/)]' }, event)).toBe(false);
  expect(performance.now() - began).toBeLessThan(1_000);
});

test('of what is no message, all that the event says stands for the message', () => {
  const event: AppEvent = { ...EVENT, type: 'access.denied', data: { operation: 'join' } };
  expect(takes({ jsonpath: `$.[?(@.message.operation == 'join')]` }, event)).toBe(true);
});
