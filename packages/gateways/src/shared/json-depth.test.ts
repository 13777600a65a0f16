import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isDeeperThan } from './json-depth.ts';

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

it('counts levels as the value has them, whatever its strings hold', () => {
  const value = fc.json({ maxDepth: 6 }).map((text) => JSON.parse(text) as unknown);
  const tricky = fc.dictionary(
    fc.constantFrom('[[[', '{"', '\\', '"', '\\"['),
    fc.constantFrom('}}', '[', '\\\\', '"'),
  );
  fc.assert(
    fc.property(fc.oneof(value, tricky), (sample) => {
      const depth = depthOf(sample);
      const text = JSON.stringify(sample);
      expect(isDeeperThan(text, depth)).toBe(false);
      if (depth > 0) expect(isDeeperThan(text, depth - 1)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

it('answers for a million levels without a stack', () => {
  expect(isDeeperThan('['.repeat(1_000_000), 32)).toBe(true);
  expect(isDeeperThan('['.repeat(1_000_000), 2_000_000)).toBe(false);
});

it('stops at the end of text that is no JSON', () => {
  for (const text of ['', '"', '"\\', ']]]]', '"[[[[', '{{{']) expect(isDeeperThan(text, 5)).toBe(false);
});
