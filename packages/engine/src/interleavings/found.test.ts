import { expect, it } from 'vitest';
import { explore } from '../testing/interleavings/explore.fixture.ts';

/** What millions of seeds found and the thousands of every run would not. */
it.each([
  [115_659, 'a proof ends while others are told that theirs has ended'],
  [375_266, 'who goes on from a place is sent what is behind it, and is put out and let in before it is answered'],
  [983_389, 'the proof of one that is back ends before it asks for its room again'],
  [434_888, 'a hold is over by the time at which it is in force, and a join goes on in that moment'],
])('in the order of seed %i every promise holds: %s', async (seed) => {
  expect((await explore(seed, 1)).written).toBeGreaterThan(0);
});
