import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RuleIndex } from './compiled/rule-index.ts';
import { applyingRule, targetMatches } from './reference-model/model-matching.fixture.ts';
import type { Rule } from './rule.ts';
import { conflictingRule } from './rule-conflict.ts';
import { ruleFromSpec } from './rule-spec.ts';
import { capturesOf, matchesTarget, validateTarget } from './target.ts';

describe('matchesTarget', () => {
  test.each([
    ['chatroom', 'chatroom', true],
    ['chatroom', 'chatroom/1', false],
    ['chatroom', 'Chatroom', false],
    ['a.b', 'aXb', false],
  ])('exact %s on %s: %s', (target, name, expected) => {
    expect(matchesTarget({ target, nested: false }, name)).toBe(expected);
  });

  test.each([
    ['chatroom/*', 'chatroom/1', true],
    ['chatroom/*', 'chatroom/a/b', true],
    ['chatroom/*', 'chatroom', false],
    ['chatroom/*', 'chatroom/', false],
    ['chatroom/*', 'chatrooms/1', false],
    ['x', 'x', true],
    ['x', 'x/1', true],
    ['x', 'x/1/2', true],
    ['x', 'x/', false],
    ['x', 'xy', false],
    ['*', 'anything/at/all', true],
    ['room:*', 'room:1', true],
    ['a/*/z', 'a/b/z', true],
    ['a/*/z', 'a/b/c/z', false],
    ['a/*/z', 'a//z', false],
    ['a/*/z', 'a/b/z/z', false],
    ['a/*/*', 'a/b/c/d', true],
    ['a*b', 'ab', false],
    ['a*b', 'axb', true],
    ['a*b', 'axbxb', true],
    ['a*b', 'a/b', false],
    ['**', 'a', false],
    ['**', 'ab', true],
    ['a.*', 'aXb', false],
    ['*-x/y', 'a-x/y', true],
    ['*-x/y', 'a/b-x/y', false],
    ['a*a*a', 'aaaaa', true],
    ['a*a*a', 'aaaa', false],
    ['日*', '日本', true],
  ])('nested %s on %s: %s', (target, name, expected) => {
    expect(matchesTarget({ target, nested: true }, name)).toBe(expected);
  });

  const parts = (...units: readonly string[]) =>
    fc.string({ unit: fc.constantFrom(...units), minLength: 1, maxLength: 9 });
  const target = fc.record({ target: parts('a', 'b', '/', '*', '.'), nested: fc.constant(true) });
  const name = parts('a', 'b', '/', '.', 'c');

  test('agrees with the reference model', () => {
    fc.assert(
      fc.property(target, name, (one, text) => matchesTarget(one, text) === targetMatches(one, text)),
      { numRuns: 2_000 },
    );
  });

  test('is linear in names that a backtracking matcher would choke on', () => {
    const hostile = { target: `${'a*'.repeat(100)}b`, nested: true };
    expect(matchesTarget(hostile, 'a'.repeat(255))).toBe(false);
  });

  test('of many rules with one prefix, the index finds the one that applies', () => {
    const piece = parts('a', '/', '*', 'b');
    const rule = fc
      .record({
        target: piece.map((rest) => `a*${rest}`),
        nested: fc.constant(true),
        id: fc.integer({ min: 1, max: 1000 }),
      })
      .map(({ id, ...spec }) => ruleFromSpec(spec, { id, version: 1, origin: 'store' }));
    const rules = fc.uniqueArray(rule, { minLength: 9, maxLength: 60, size: 'max', selector: ({ id }) => id });
    const below = parts('a', '/', 'b').map((rest) => `a${rest}`);
    fc.assert(
      fc.property(rules, fc.array(below, { minLength: 30, maxLength: 30 }), (all, names) => {
        const index = RuleIndex.of(all);
        for (const text of names) expect(index.find(text)?.id).toBe(applyingRule(all, text)?.id);
      }),
      { numRuns: 200 },
    );
  });

  test('of many rules, the index finds the one that applies', () => {
    const rule = fc
      .record({
        target: parts('a', 'b', '/', '*'),
        nested: fc.boolean(),
        enabled: fc.boolean(),
        id: fc.integer({ min: 1, max: 1000 }),
      })
      .map(({ id, ...spec }) => ruleFromSpec(spec, { id, version: 1, origin: 'store' }));
    const rules = fc.uniqueArray(rule, { maxLength: 30, selector: ({ id }) => id });
    fc.assert(
      fc.property(rules, fc.array(name, { minLength: 20, maxLength: 20 }), (all, names) => {
        const index = RuleIndex.of(all);
        for (const text of [...names, ...names]) expect(index.find(text)?.id).toBe(applyingRule(all, text)?.id);
      }),
      { numRuns: 500 },
    );
  });
});

describe('of several rules that match, one applies', () => {
  const rule = (target: string, nested: boolean, id: number, enabled = true): Rule =>
    ruleFromSpec({ target, nested, enabled }, { id, version: 1, origin: 'store' });
  test.each([
    ['an exact target', 'a/b', [rule('a/b', true, 1), rule('a/*', true, 2), rule('a/b', false, 3)], 3],
    ['then the longer literal prefix', 'a/b/c', [rule('a/*/c', true, 1), rule('a/b*', true, 2), rule('*', true, 3)], 2],
    [
      'then more literal characters',
      'a/b/c',
      [rule('a/*', true, 1), rule('a/*/c', true, 2), rule('a/*/*', true, 3)],
      2,
    ],
    ['then the lower id', 'a/b', [rule('a/**', true, 2), rule('a/*', true, 1)], 1],
    ['and a disabled one never', 'a/b', [rule('a/b', false, 1, false), rule('a/*', true, 2)], 2],
  ])('%s', (_why, name, rules, expected) => {
    expect(RuleIndex.of(rules).find(name)?.id).toBe(expected);
    expect(RuleIndex.of([...rules].reverse()).find(name)?.id).toBe(expected);
  });
});

describe('validateTarget', () => {
  test.each([
    ['a', false],
    ['a/*', true],
    ['*', true],
    ['a', true],
    ['x'.repeat(255), false],
  ])('takes %s (nested %s)', (target, nested) => {
    expect(validateTarget(target, nested)).toEqual({ ok: true });
  });

  test.each([
    ['', false, /at least one/],
    ['a/*', false, /nested/],
    ['a,b', true, /comma/],
    ['a\nb', true, /control/],
    ['e\u0301', false, /normalisation/],
    ['a\ud800', false, /well-formed/],
    ['x-pnpres', false, /reserved/],
    ['é'.repeat(128), false, /255 bytes/],
  ])('refuses %j (nested %s)', (target, nested, reason) => {
    expect(validateTarget(target, nested)).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });

  test('two enabled rules with the same target and nested conflict', () => {
    const rules = [ruleFromSpec({ target: 'a' }, { id: 1, version: 1, origin: 'file' })];
    const wanted = { target: 'a', nested: false, enabled: true };
    expect(conflictingRule(wanted, rules)?.id).toBe(1);
    expect(conflictingRule(wanted, rules, 1)).toBeUndefined();
    expect(conflictingRule({ ...wanted, enabled: false }, rules)).toBeUndefined();
    expect(conflictingRule({ ...wanted, nested: true }, rules)).toBeUndefined();
    expect(conflictingRule({ ...wanted, target: 'b' }, rules)).toBeUndefined();
  });
});

describe('capturesOf', () => {
  test.each([
    ['chatroom/*', 'chatroom/1', ['1']],
    ['chatroom/*', 'chatroom/a/b', ['a/b']],
    ['org/*/room/*', 'org/7/room/a/b', ['7', 'a/b']],
    ['a*b*c', 'aXbYc', ['X', 'Y']],
    ['*', 'x', ['x']],
    ['x', 'x/1', []],
  ])('of %s in %s are %j', (target, name, expected) => {
    expect(capturesOf({ target, nested: true })(name)).toEqual(expected);
  });

  test('put back in place of the stars make the name', () => {
    const literal = fc.constantFrom('', 'a', 'b/', '/a', 'ab');
    const filling = fc.constantFrom('a', 'b', 'aab', 'ba', 'a/b');
    fc.assert(
      fc.property(fc.array(fc.tuple(literal, filling), { minLength: 1, maxLength: 4 }), literal, (parts, last) => {
        const target = `${parts.map(([text]) => text).join('*')}*${last}`;
        const name = parts.map(([text, fill]) => text + fill).join('') + last;
        if (target.includes('**') || !matchesTarget({ target, nested: true }, name)) return;
        const found = [...capturesOf({ target, nested: true })(name)];
        expect(found.every((text) => text.length > 0)).toBe(true);
        expect(target.replaceAll('*', () => found.shift() ?? '')).toBe(name);
        expect(found).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});
