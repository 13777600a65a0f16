import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SparseSet } from './sparse-set.ts';

it('is a set', () => {
  const act = fc.tuple(fc.constantFrom('add', 'delete'), fc.nat(3));
  fc.assert(
    fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
      const sparse = new SparseSet<number>();
      const set = new Set<number>();
      for (const [what, item] of acts) {
        sparse[what as 'add' | 'delete'](item);
        set[what as 'add' | 'delete'](item);
        expect([...sparse]).toEqual([...set]);
        expect([sparse.size, sparse.has(item)]).toEqual([set.size, set.has(item)]);
      }
    }),
  );
});

it('walks over what is added on the way, also after it was empty in between', () => {
  const sparse = new SparseSet<number>();
  sparse.add(1);
  const seen: number[] = [];
  for (const item of sparse) {
    seen.push(item);
    sparse.delete(item);
    if (item < 4) sparse.add(item + 1);
  }
  expect(seen).toEqual([1, 2, 3, 4]);
});
