import { expect, it } from 'vitest';
import { RosterPace } from './roster-pace.ts';

it('lets a session have two rosters of a channel at once, and another second for each two', () => {
  const pace = new RosterPace();
  expect([pace.wait('s', 'a', 5_000), pace.wait('s', 'a', 5_300)]).toEqual([0, 0]);
  expect(pace.wait('s', 'a', 5_999)).toBe(1);
  expect(pace.wait('s', 'a', 6_000)).toBe(0);
  expect([pace.wait('s', 'a', 6_900), pace.wait('s', 'a', 6_950)]).toEqual([0, 50]);
});

it('counts sessions and channels apart', () => {
  const pace = new RosterPace();
  for (const [session, channel] of [
    ['s', 'a'],
    ['s', 'b'],
    ['t', 'a'],
  ] as const) {
    expect([pace.wait(session, channel, 0), pace.wait(session, channel, 0), pace.wait(session, channel, 0)]).toEqual([
      0, 0, 1_000,
    ]);
  }
});

it('remembers a second that is not over through all that others ask meanwhile', () => {
  const pace = new RosterPace();
  pace.wait('other', 'a', 900);
  expect([pace.wait('s', 'a', 950), pace.wait('s', 'a', 950)]).toEqual([0, 0]);
  pace.wait('other', 'a', 1_910);
  expect(pace.wait('s', 'a', 1_940)).toBe(10);
});
