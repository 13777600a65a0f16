import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { patternMatches } from '../reference-model/model-grants.fixture.ts';
import { targetMatches } from '../reference-model/model-matching.fixture.ts';
import type { PartialRuleSpec } from '../rule-spec.ts';
import { ruleFromSpec } from '../rule-spec.ts';
import { exampleName } from './example-name.ts';
import { lintPatterns } from './lint-patterns.ts';
import { lintRules } from './lint-rules.ts';

const lint = (...specs: readonly PartialRuleSpec[]) =>
  lintRules(specs.map((spec, i) => ruleFromSpec(spec, { id: i + 1, version: 1, origin: 'file' }))).map(
    ({ kind, rules, example }) => ({ kind, rules, ...(example === undefined ? {} : { example }) }),
  );

describe('lintRules', () => {
  test('says nothing about rules that mean what they say', () => {
    expect(lint({ target: 'chat' }, { target: 'chat/*', nested: true }, { target: 'news/*', nested: true })).toEqual(
      [],
    );
  });

  test('two enabled rules with one target', () => {
    const twins = [
      { target: 'a/*', nested: true },
      { target: 'a/*', nested: true },
    ];
    expect(lint(...twins)).toEqual([{ kind: 'rule-conflict', rules: [1, 2] }]);
    expect(lint(...twins.map((twin, i) => ({ ...twin, enabled: i === 0 })))).toEqual([]);
    expect(lint({ target: 'a', nested: true }, { target: 'a', nested: false })).toEqual([]);
  });

  test('a target that no rule can have', () => {
    expect(lint({ target: 'a/*' })).toEqual([{ kind: 'rule-invalid', rules: [1] }]);
  });

  test('a rule that another hides, alone or together with a third', () => {
    expect(lint({ target: 'a*', nested: true }, { target: 'a**', nested: true })).toEqual([
      { kind: 'rule-hidden', rules: [2, 1] },
    ]);
    expect(lint({ target: 'x', nested: true }, { target: 'x' }, { target: 'x/*', nested: true })).toEqual([
      { kind: 'rule-hidden', rules: [1, 2, 3] },
    ]);
    expect(lint({ target: 'x', nested: true }, { target: 'x/*', nested: true })).toEqual([]);
  });

  test('a narrow rule whose names a wider one would take over, and allow more', () => {
    const wide = { target: 'room/*', nested: true, anonymousClients: true, presence: true };
    expect(lint(wide, { target: 'room/staff' })).toEqual([
      { kind: 'rule-hand-over', rules: [2, 1], example: 'room/staff' },
    ]);
    expect(lint(wide, { target: 'room/staff', enabled: false })).toEqual([
      { kind: 'rule-disabled-hand-over', rules: [2, 1], example: 'room/staff' },
    ]);
    expect(lint({ target: 'room/*', nested: true }, { target: 'room/lobby', anonymousClients: true })).toEqual([]);
  });

  test('switches that do nothing, or less than they seem to', () => {
    expect(lint({ target: 'a', publicMessaging: { enabled: true, authenticatedOnly: false } })).toEqual([
      { kind: 'rule-public-without-anonymous', rules: [1] },
    ]);
    expect(lint({ target: 'a', privateMessaging: { enabled: false, authenticatedOnly: true } })).toEqual([
      { kind: 'rule-idle-switch', rules: [1] },
    ]);
  });

  test('looks at thousands of rules side by side', () => {
    const many = Array.from({ length: 2000 }, (_, i) => ({ target: `tenant-${i}/*`, nested: true }));
    expect(lint(...many)).toEqual([]);
  });
});

describe('exampleName', () => {
  const target = fc.record({
    target: fc
      .array(fc.constantFrom('a', 'b', '/', '*'), { minLength: 1, maxLength: 6 })
      .map((parts) => parts.join('')),
    nested: fc.constant(true),
  });

  test('gives a name that all of the first match and none of the others', () => {
    fc.assert(
      fc.property(fc.array(target, { minLength: 1, maxLength: 2 }), fc.array(target, { maxLength: 2 }), (all, none) => {
        const name = exampleName(all, none);
        if (name === undefined) return;
        for (const one of all) expect(targetMatches(one, name)).toBe(true);
        for (const one of none) expect(targetMatches(one, name)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('finds one wherever a short one exists', () => {
    const names = shortNames();
    fc.assert(
      fc.property(fc.array(target, { minLength: 1, maxLength: 2 }), fc.array(target, { maxLength: 2 }), (all, none) => {
        const exists = names.some(
          (name) => all.every((one) => targetMatches(one, name)) && !none.some((one) => targetMatches(one, name)),
        );
        if (exists) expect(exampleName(all, none)).toBeDefined();
      }),
      { numRuns: 100 },
    );
  });
});

/** All names of up to five of these characters. */
function shortNames(): readonly string[] {
  let names = [''];
  const all: string[] = [];
  for (let length = 0; length < 5; length++) {
    names = names.flatMap((name) => ['a', 'b', '/', 'x'].map((character) => name + character));
    all.push(...names);
  }
  return all;
}

describe('lintPatterns', () => {
  const kinds = (pattern: string) => lintPatterns([pattern]).map(({ kind }) => kind);

  test.each([
    ['chat-*', ['pattern-likely-glob']],
    ['^chat-*$', ['pattern-likely-glob']],
    ['chat/*', ['pattern-likely-glob']],
    ['room\\.*', ['pattern-likely-glob']],
    ['team-?', ['pattern-likely-glob']],
    ['chat-.*', []],
    ['^chat-[0-9]+$', []],
    ['^colou?r-.*$', []],
    ['.*', ['pattern-covers-everything']],
    ['.+', ['pattern-covers-everything']],
    ['room.*', ['pattern-dot-before-star']],
    ['(a', ['pattern-invalid']],
    ['(a)', ['pattern-invalid']],
  ])('%s', (pattern, expected) => {
    expect(kinds(pattern).filter((kind) => kind !== 'pattern-search-differs')).toEqual(expected);
  });

  test.each([
    ['chat', 'chat-x'],
    ['chat-[0-9]', 'chat-0-x'],
    ['\\d{3}', '111-x'],
    ['users.*', 'x-usersx'],
    ['^chat', 'chat-x'],
    ['chat$', 'x-chat'],
    ['[^/]+', undefined],
  ])('where full and search differ: %s', (pattern, example) => {
    const found = lintPatterns([pattern]).find(({ kind }) => kind === 'pattern-search-differs');
    if (example !== undefined) expect(found?.example).toBe(example);
    if (found?.example === undefined) return;
    expect(patternMatches(pattern, found.example, 'search')).toBe(true);
    expect(patternMatches(pattern, found.example, 'full')).toBe(false);
  });

  test.each(['^chat$', '^chat-.*$', '.*', '\\Qa.b\\E.*'])(
    'says nothing where they agree or nearly so: %s',
    (pattern) => {
      const found = lintPatterns([pattern]).find(({ kind }) => kind === 'pattern-search-differs');
      if (pattern.startsWith('^') || pattern === '.*') expect(found).toBeUndefined();
      else expect(found?.example).toMatch(/^x-a\.b/);
    },
  );
});
