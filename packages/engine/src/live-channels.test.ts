import { matchesTarget } from '@portcullis/policy';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Channel } from './channel.ts';
import { LiveChannels } from './live-channels.ts';

const piece = fc.constantFrom('a', 'bb', '/', 'a-long-piece-', 'x');
const name = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
const target = fc
  .array(fc.oneof(piece, fc.constant('*')), { minLength: 1, maxLength: 6 })
  .map((pieces) => pieces.join(''));

it('finds the channels under a target, whatever came and went', () => {
  fc.assert(
    fc.property(fc.array(name), fc.array(name), fc.array(target, { minLength: 3 }), (come, gone, targets) => {
      const channels = new LiveChannels();
      for (const text of come) channels.set(text, new Channel(text));
      for (const text of gone) channels.delete(text);
      for (const one of targets) {
        for (const nested of [true, false]) {
          const found = [...channels.under({ target: one, nested })].map((channel) => channel.name).sort();
          const all = [...channels.keys()].filter((text) => matchesTarget({ target: one, nested }, text)).sort();
          expect(found).toEqual(all);
        }
      }
    }),
    { numRuns: 500 },
  );
});
