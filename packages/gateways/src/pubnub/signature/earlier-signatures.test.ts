import fc from 'fast-check';
import { expect, it } from 'vitest';
import { QueryParameters } from '../http/query.ts';
import { EarlierSignatures } from './earlier-signatures.ts';

const queryOf = (fields: Readonly<Record<string, string>>) =>
  new QueryParameters(Object.entries(fields).map(([name, value]) => ({ name, value, raw: value })));
const call = (requestid: string, signature = 's') => queryOf({ requestid, signature });

it('the last signature of a request is known, and whether it was looked at and did not match', () => {
  const earlier = new EarlierSignatures();
  expect(earlier.of('a', call('r'))).toBeUndefined();
  earlier.note('a', call('r', '1'), { now: 0, doubted: true });
  expect(earlier.of('a', call('r'))).toMatchObject({ signature: '1', doubted: true });
  earlier.note('a', call('r', '2'), { now: 0 });
  expect(earlier.of('a', call('r'))).toMatchObject({ signature: '2', doubted: true });
  earlier.note('a', call('r', '3'), { now: 0, doubted: false });
  expect(earlier.of('a', call('r'))).toMatchObject({ signature: '3', doubted: false });
  expect(earlier.of('b', call('r'))).toBeUndefined();
});

it('it is forgotten after a while, and the oldest when there are many', () => {
  const earlier = new EarlierSignatures();
  earlier.note('a', call('old'), { now: 0 });
  earlier.note('a', call('new'), { now: 600_001 });
  expect(earlier.of('a', call('old'))).toBeUndefined();
  for (let n = 0; n < 10_000; n++) earlier.note('a', call(`${n}`), { now: 600_001 });
  expect(earlier.of('a', call('new'))).toBeUndefined();
  expect(earlier.of('a', call('0'))).toBeDefined();
});

it('whatever strangers say: only what is short is remembered, and as it was said', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 80 });
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 30 }), (said) => {
      const earlier = new EarlierSignatures();
      const expected = new Map<string, string>();
      for (const [id, signature] of said) {
        earlier.note('a', call(id, signature), { now: 0 });
        const kept = id !== '' && signature !== '' && id.length <= 64 && signature.length <= 64;
        if (kept) expected.set(id, signature);
      }
      for (const [id] of said) expect(earlier.of('a', call(id))?.signature).toBe(expected.get(id));
    }),
  );
});
