import type { Publication } from '@portcullis/engine';
import { expect, it } from 'vitest';
import { Recent } from './recent.ts';

const publication = (seq: number) => ({ seq }) as Publication;

it('encodes what several classes share once', () => {
  let encoded = 0;
  const recent = new Recent(() => {
    encoded++;
    return Buffer.alloc(100);
  });
  const [one, two] = [publication(1), publication(2)];
  for (let receivers = 0; receivers < 10; receivers++) for (const each of [one, two]) recent.of(each);
  expect(encoded).toBe(2);
});

it('keeps no more than it may, and never another’s frame', () => {
  const recent = new Recent(({ seq }) => Buffer.alloc(10_000, seq % 256));
  const all = Array.from({ length: 100 }, (_, seq) => publication(seq));
  for (const each of all) recent.of(each);
  for (const each of all) expect(recent.of(each)[0]).toBe(each.seq % 256);
  expect(recent.kept).toBeLessThanOrEqual(128 * 1024);
});
