import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { baseOfPresence, parseName, presenceName, utf8Length } from './name.ts';
import { isChannelName, isWildcardName } from './reference-model/model-matching.fixture.ts';
import { parseWildcard, wildcardHolds } from './wildcard.ts';

describe('parseName', () => {
  test.each([
    'a',
    'chatroom/1',
    'a b',
    'x:y',
    'a.b',
    '日本',
    'é',
    '\u{1f5ff}',
    'x-pnpres-x',
    '%2F',
    'x'.repeat(255),
    'é'.repeat(127),
  ])('takes %j as it is', (name) => {
    expect(parseName(name)).toEqual({ ok: true, name });
  });

  test.each([
    ['nothing', ''],
    ['256 bytes', 'x'.repeat(256)],
    ['256 bytes in fewer characters', 'é'.repeat(128)],
    ['a comma', 'a,b'],
    ['a star', 'a*'],
    ['the end of presence names', 'a-pnpres'],
    ['NUL', 'a\0'],
    ['a line feed', 'a\nb'],
    ['a carriage return', 'a\rb'],
    ['DEL', 'a\x7f'],
    ['a C1 control', 'a\u0085'],
    ['a zero-width space', 'a\u200b'],
    ['a change of direction', 'a\u202eb'],
    ['a soft hyphen', 'a\u00adb'],
    ['a tag character', 'a\u{e0061}'],
    ['what is not normalised', 'e\u0301'],
    ['what normalises away', '\u212b'],
    ['half a surrogate pair', 'a\ud800'],
    ['the other half', '\udc00a'],
    ['a byte-order mark', '\ufeffa'],
  ])('refuses %s', (_what, name) => {
    expect(parseName(name)).toEqual({ ok: false, reason: expect.any(String) });
  });

  test('agrees with the reference model', () => {
    const unit = fc.constantFrom(
      ...'ab*,/-.é',
      '\u0301',
      '\u200b',
      '\ud800',
      '\udc00',
      '\n',
      '-pnpres',
      '日',
      '\u{1f5ff}',
      '\u00ad',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 6 }), (name) => parseName(name).ok === isChannelName(name)),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => parseName(name).ok === isChannelName(name)),
    );
    const dotted = fc.string({ unit: fc.constantFrom('a', '.', '*', ','), maxLength: 8 });
    fc.assert(
      fc.property(dotted, (name) => parseWildcard(name, 9).ok === isWildcardName(name)),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['a.*', 1, true],
    ['a.b.*', 1, false],
    ['a.b.*', 2, true],
    ['a.b.c.*', 2, false],
    ['a.b.c.*', 3, true],
  ])('takes %s, with at most %i dots: %s', (name, dots, ok) => {
    expect(parseWildcard(name, dots)).toMatchObject(ok ? { ok, name } : { ok, tooManyDots: true });
  });

  test('counts bytes as UTF-8 has them', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.string({ unit: 'binary' }).map((text) => `${text}\ud800${text}\udc00`),
        ),
        (text) => utf8Length(text) === new TextEncoder().encode(text).length,
      ),
    );
  });
});

test('presence names', () => {
  expect(presenceName('a')).toBe('a-pnpres');
  expect([baseOfPresence('a-pnpres'), baseOfPresence('a'), baseOfPresence('-pnpres')]).toEqual(['a', undefined, '']);
});

test('what a wildcard name stands for', () => {
  expect(['room.a', 'room.a.b', 'room.', 'room', 'rooms.a'].map((name) => wildcardHolds('room.*', name))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
