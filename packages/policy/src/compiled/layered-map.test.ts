import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LayeredMap } from './layered-map.ts';

const change = fc.tuple(fc.nat(200), fc.option(fc.nat(9), { nil: undefined }));

test('a layered map says what a map says that was changed in the same way, and so do those it was made of', () => {
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 60 }), { maxLength: 12 }), (steps) => {
      const made: { layered: LayeredMap<number, number>; plain: Map<number, number> }[] = [];
      let layered = new LayeredMap<number, number>();
      const plain = new Map<number, number>();
      for (const changes of steps) {
        layered = layered.with(new Map(changes));
        for (const [key, value] of new Map(changes)) {
          if (value === undefined) plain.delete(key);
          else plain.set(key, value);
        }
        made.push({ layered, plain: new Map(plain) });
      }
      for (const each of made) {
        for (let key = 0; key <= 200; key++) expect(each.layered.get(key)).toBe(each.plain.get(key));
      }
    }),
    { numRuns: 200 },
  );
});
