import { expect, it } from 'vitest';
import { explore } from '../testing/interleavings/explore.fixture.ts';

/** The first is asked about twice and refused; the second, which waited for it, is asked about anew. */
const REFUSED_FIRST = [
  128_572, 142_440, 150_283, 203_218, 211_576, 276_408, 377_961, 408_908, 432_444, 453_930, 460_479, 494_854, 568_616,
];

it.each(REFUSED_FIRST)(
  'what is said again under its key, the first being refused, goes out as triggers left it this time (seed %i)',
  async (seed) => {
    expect((await explore(seed, 1)).askedAgain).toBeGreaterThan(0);
  },
);

it('a repetition that is answered while a join is asked about lets no second join begin (seed 352423)', async () => {
  expect((await explore(352_423, 1)).written).toBeGreaterThan(0);
});
