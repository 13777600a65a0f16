import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromText, toText } from './sql-text.ts';

const anyText = fc.string({ unit: fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code)) });

it('any text comes back as it was, and is safe for SQLite meanwhile', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const kept = toText(text);
      expect(fromText(kept)).toBe(text);
      expect(kept).not.toContain('\0');
      expect(Buffer.from(kept).toString()).toBe(kept);
    }),
  );
});

it('ordinary names stay readable', () => {
  for (const name of ['room/1', 'demo', 'stated:Ünï 😀', '']) expect(toText(name)).toBe(name);
});

it('no two texts are kept as one', () => {
  for (const [one, other] of [
    ['"a"', 'a'],
    ['a\0b', 'a'],
    ['\ud800', '\ufffd'],
    ['\ud800', '"\\ud800"'],
  ] as const) {
    expect(toText(one)).not.toBe(toText(other));
  }
});
