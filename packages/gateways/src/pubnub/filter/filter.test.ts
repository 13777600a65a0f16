import type { Json } from '@portcullis/policy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWanted } from './evaluate.ts';
import { parseFilter } from './parse-filter.ts';
import { indexOfText, isLike } from './text-search.ts';

const LIMITS = { length: 4_096, terms: 64 };

function wants(filter: string, meta?: Json, data?: Json): boolean {
  const parsed = parseFilter(filter, LIMITS);
  if (!parsed.ok) throw new Error(`${filter}: ${parsed.problem} at ${parsed.at}`);
  return isWanted(parsed.expression, { meta, data });
}

const META = {
  lang: 'en',
  level: 5,
  flags: 6,
  on: true,
  user: { role: 'admin' },
  tags: ['a', 'b', 3],
  text: 'a*b',
  none: null,
};

describe('a stream filter', () => {
  it.each([
    ['lang == "en"', true],
    ["lang == 'en'", true],
    ["lang != 'en'", false],
    ["'en' == lang", true],
    ["meta.lang == 'en'", true],
    ['level == 5', true],
    ['level == "5"', false],
    ['level != "5"', true],
    ['level > 4 && level < 6', true],
    ['level >= 5 && level <= 5', true],
    ['level > 5', false],
    ['lang > "a"', false],
    ['on', true],
    ['!on', false],
    ['on == true', true],
    ['none == null', true],
    ["user.role == 'admin'", true],
    ['user["role"] == "admin"', true],
    ['tags[0] == "a"', true],
    ['tags["0"] == "a"', false],
    ['tags contains "b"', true],
    ['tags contains 3', true],
    ['tags contains "3"', false],
    ['lang contains "n"', true],
    ['lang CONTAINS "x"', false],
    ['lang LIKE "e*"', true],
    ['lang like "*n"', true],
    ['lang LIKE "E*"', false],
    ['lang LIKE "e"', false],
    ['text LIKE "a\\*b"', true],
    ['lang LIKE "e\\*"', false],
    ['text == "a*b"', true],
    ['text == "a\\*b"', true],
    ['level + 1 == 6', true],
    ['level - 1 * 2 == 3', true],
    ['(level - 1) * 2 == 8', true],
    ['level % 2 == 1', true],
    ['level / 2 == 2.5', true],
    ['-level == 0 - 5', true],
    ['flags & 4', true],
    ['(flags & 1) == 1', false],
    ['flags | 1 == 7', true],
    ['flags ^ 6 == 0', true],
    ['~flags == -7', true],
    ['level == 0x05', true],
    ['level == 5e0', true],
    ['false || lang == "en"', true],
    ['true || missing == 1', true],
    ['missing == 1 || true', true],
    ['lang == "en" && level == 5 || false', true],
    ['false && true || true', true],
    ['false && (true || true)', false],
  ])('%s is %s', (filter, wanted) => {
    expect(wants(filter, META)).toBe(wanted);
  });

  it.each([
    ['missing == 1'],
    ['missing != 1'],
    ['!(missing == 1)'],
    ['!missing'],
    ['missing == 1 && true'],
    ['user.name == "x"'],
    ['lang.length == 2'],
    ['user.constructor != 1'],
    ['__proto__ != 1'],
    ['tags[9] != 1'],
    ['lang'],
    ['tags == tags'],
    ['level / 0 != 1'],
    ['level % 0 != 1'],
    ['lang + "x" != 1'],
    ['3.5 & 1 != 9'],
    ['lang LIKE 5'],
  ])('%s cannot be known, so the item is not wanted', (filter) => {
    expect(wants(filter, META)).toBe(false);
    expect(wants(`!(${filter})`, META)).toBe(false);
  });

  it('reads the payload under data, and the meta otherwise', () => {
    expect(wants('data.text contains "hi"', undefined, { text: 'oh, hi' })).toBe(true);
    expect(wants('text contains "hi"', undefined, { text: 'oh, hi' })).toBe(false);
    expect(wants('data == 1', { data: 1 })).toBe(true);
    expect(wants('meta == 1', { meta: 1 })).toBe(true);
  });

  it.each([
    ['', 0],
    ['a ==', 4],
    ['== 1', 0],
    ['a = 1', 2],
    ['a b', 2],
    ['(a', 2],
    ['a)', 1],
    ['"a', 0],
    ['a == #', 5],
    ['a.1', 1],
    ['data.*', 5],
    ['a[b]', 2],
    ['a[0', 3],
    ['1 2', 2],
  ])('%s is refused, and the place is named', (filter, at) => {
    expect(parseFilter(filter, LIMITS)).toEqual({ ok: false, problem: expect.any(String), at });
  });

  it('has at most so many characters and operators, whatever they are', () => {
    expect(parseFilter(`a == "${'x'.repeat(5_000)}"`, LIMITS)).toMatchObject({ ok: false, limit: 'filterLength' });
    for (const deep of ['('.repeat(65), '!'.repeat(65), '-'.repeat(65), `a${'.b'.repeat(65)}`, `1${'+1'.repeat(65)}`]) {
      expect(parseFilter(deep, LIMITS)).toMatchObject({ ok: false, limit: 'filterTerms' });
    }
    expect(parseFilter(`${'('.repeat(64)}a${')'.repeat(64)}`, LIMITS).ok).toBe(true);
  });

  it('stops reading where one evaluation reads too much', () => {
    const many = Array.from({ length: 20 }, () => 'text contains "zz"').join(' || ');
    expect(wants(`!(${many})`, { text: 'x'.repeat(10) })).toBe(true);
    expect(wants(`!(${many})`, { text: 'x'.repeat(100_000) })).toBe(false);
  });
});

describe('filters in general', () => {
  const piece = fc.constantFrom(
    ...['a', 'meta.x', 'data.y', '"s"', "'t*'", '1', '0x1', '(', ')', '!', '-', '~', '&&', '||', '==', '!='],
    ...['<', '>=', 'contains', 'LIKE', '+', '%', '&', '|', '^', '.', '[', ']', 'true', 'null', '\\', '"', ' '],
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(' ')),
  );

  it('never throw, whatever the text and the facts', () => {
    fc.assert(
      fc.property(text, fc.jsonValue(), fc.jsonValue(), (filter, meta, data) => {
        const parsed = parseFilter(filter, LIMITS);
        if (parsed.ok)
          expect(typeof isWanted(parsed.expression, { meta: meta as Json, data: data as Json })).toBe('boolean');
        else expect(parsed.at).toBeLessThanOrEqual(filter.length);
      }),
      { numRuns: 2_000 },
    );
  });

  it('search as the language does', () => {
    const few = fc.string({ unit: fc.constantFrom('a', 'b', '*', '\\'), maxLength: 12 });
    fc.assert(
      fc.property(few, few, (whole, part) => {
        expect(indexOfText(whole, part)).toBe(whole.indexOf(part));
        const escaped = part.replace(/\\([\s\S])|\*|([\s\S])/g, (_, taken?: string, plain?: string) =>
          taken !== undefined
            ? `\\u{${taken.charCodeAt(0).toString(16)}}`
            : plain !== undefined
              ? `\\u{${plain.charCodeAt(0).toString(16)}}`
              : '[^]*',
        );
        expect(isLike(whole, part)).toBe(new RegExp(`^(?:${escaped})$`, 'u').test(whole));
      }),
      { numRuns: 2_000 },
    );
  });

  it('take time that grows with the text alone', () => {
    const text = `${'a'.repeat(200_000)}c`;
    const started = performance.now();
    expect(isLike(text, `*${'a'.repeat(2_000)}b*`)).toBe(false);
    expect(indexOfText(text, `${'a'.repeat(2_000)}b`)).toBe(-1);
    expect(isLike(text, '*a*a*a*a*a*a*a*a*a*a*a*b')).toBe(false);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
