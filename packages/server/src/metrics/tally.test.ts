import { expect, test } from 'vitest';
import { Tally } from './tally.ts';

test('hands over each sum once', () => {
  const handed: unknown[] = [];
  const tally = new Tally((...sum) => handed.push(sum));
  tally.add('a', 'everyone', 1);
  tally.add('a', 'everyone', 2);
  tally.add('a', 'user', 1);
  tally.add('b', 'everyone', 5);
  tally.settle();
  expect(handed).toEqual([
    ['a', 'everyone', 3],
    ['a', 'user', 1],
    ['b', 'everyone', 5],
  ]);
  tally.settle();
  expect(handed).toHaveLength(3);
});
