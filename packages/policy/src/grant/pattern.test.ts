import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { patternMatches } from '../reference-model/model-grants.fixture.ts';
import { checkPattern, escapesStar, PatternMatcher, pieces } from './pattern.ts';

const full = new PatternMatcher('full');
const search = new PatternMatcher('search');

describe('PatternMatcher', () => {
  test.each([
    ['chat', 'chat', true, true],
    ['chat', 'chat-1', false, true],
    ['chat', 'x-chat', false, true],
    ['a|ab', 'ab', true, true],
    ['a|b', 'xb', false, true],
    ['^a|b$', 'ax', false, true],
    ['public.*', 'public-1', true, true],
    ['public.*', 'x-public-1', false, true],
    ['chat-*', 'chat---', true, true],
    ['chat-*', 'chat-1', false, true],
    ['.', '\u{1f5ff}', true, true],
    ['(?m)^a$', 'b\na', false, true],
    ['(?s).*', 'a/b', true, true],
  ])('%s on %j: full %s, search %s', (pattern, name, whole, part) => {
    expect([full.matches(pattern, name), search.matches(pattern, name)]).toEqual([whole, part]);
  });

  test('anchors by the engine, so that no part of a pattern can get out', () => {
    for (const pattern of ['a)|(?:b', 'a$|^b', 'a\\', 'a(?#', '\\Qa', 'a)$(?:']) {
      expect(full.matches(pattern, 'xbx')).toBe(false);
    }
    expect(full.matches('\\Qa', 'a')).toBe(true);
  });

  test('what cannot be compiled, or may not be granted, matches nothing', () => {
    for (const pattern of ['(', '(a)', '', '(?:.{999}){1}(?:.{999})(?:.{999})']) {
      expect([full.matches(pattern, 'a'), search.matches(pattern, 'a')]).toEqual([false, false]);
    }
  });

  test('agrees with the engine of JavaScript on patterns that both know', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '/',
      '-',
      '.',
      '[ab]',
      '[^a]',
      '\\.',
      '\\d',
      '(?:a|b)',
      'a*',
      'b+',
      '.?',
      'a{2}',
      '|',
    );
    const pattern = fc.array(atom, { minLength: 1, maxLength: 6 }).map((atoms) => atoms.join(''));
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '/', '-', '.', '1'), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(pattern, name, (expression, text) => {
        if (!checkPattern(expression).ok) return;
        expect(full.matches(expression, text)).toBe(patternMatches(expression, text, 'full'));
        expect(search.matches(expression, text)).toBe(patternMatches(expression, text, 'search'));
      }),
      { numRuns: 1000 },
    );
  });

  // Backtracking engines take time that grows exponentially, or by a high power, with the length of the name.
  test.each([
    '(?:a+)+$',
    '(?:a|aa)+$',
    '(?:a*)*b',
    '(?:.*a){12}',
    '(?:a?){50}a{50}',
    '(?:[a-z]+)*[0-9]',
    '(?:x+x+)+y',
    'a*a*a*a*a*a*b',
  ])('takes linear time: %s', (pattern) => {
    expect(checkPattern(pattern).ok).toBe(true);
    for (const matcher of [full, search]) {
      const [short, long] = [least(matcher, pattern, 60), least(matcher, pattern, 240)];
      // Four times as long: 4 if linear; 16 if quadratic, 256 if to the fourth. Timers are coarse, so leave room.
      expect(long / Math.max(short, 0.02)).toBeLessThan(100);
    }
  });
});

/** The least of several timings of one match, in ms. */
function least(matcher: PatternMatcher, pattern: string, length: number): number {
  const names = ['a', 'x'].map((character) => `${character.repeat(length)}!`);
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 9; i++) {
    const began = performance.now();
    for (const name of names) matcher.matches(pattern, name);
    best = Math.min(best, performance.now() - began);
  }
  return best;
}

describe('escapesStar', () => {
  test.each([
    ['room\\.\\*', true],
    ['\\*', true],
    ['room\\\\*', false],
    ['room.*', false],
    ['[^\\*]*.*', false],
    ['[*]', false],
    ['\\Q\\*\\E.*', false],
    ['[]\\*].*', false],
    ['[[:alpha:]]\\*', true],
  ])('%s: %s', (pattern, expected) => {
    expect(escapesStar(pattern)).toBe(expected);
  });

  test('pieces make up the pattern', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a*\\[]^:QE().'), maxLength: 12 }), (pattern) => {
        expect([...pieces(pattern)].map(({ text }) => text).join('')).toBe(pattern);
      }),
    );
  });
});
