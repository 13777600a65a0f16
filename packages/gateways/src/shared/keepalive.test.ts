import { expect, it } from 'vitest';
import { Keepalive } from './keepalive.ts';
import { ManualClock } from './manual-clock.fixture.ts';

function peer() {
  return {
    beats: 0,
    beat() {
      this.beats++;
    },
  };
}

it('lets each peer beat once per period, whenever it came', () => {
  const clock = new ManualClock();
  const keepalive = new Keepalive(clock, 5_000);
  const early = peer();
  keepalive.add(early);
  clock.advance(2_500);
  const late = peer();
  keepalive.add(late);
  clock.advance(1_500);
  expect([early.beats, late.beats]).toEqual([0, 0]);
  clock.advance(4_000);
  expect([early.beats, late.beats]).toEqual([1, 1]);
  clock.advance(50_000);
  expect([early.beats, late.beats]).toEqual([11, 11]);
});

it('keeps one timer for all, and none for nobody', () => {
  const clock = new ManualClock();
  const keepalive = new Keepalive(clock, 5_000);
  const peers = Array.from({ length: 100 }, peer);
  for (const one of peers) keepalive.add(one);
  expect(clock.alarms).toBe(1);
  clock.advance(3_000);
  for (const one of peers) keepalive.remove(one);
  keepalive.remove(peers[0] ?? peer());
  expect(clock.alarms).toBe(0);
});

it('a peer may go while it beats', () => {
  const clock = new ManualClock();
  const keepalive = new Keepalive(clock, 1_000);
  const once = {
    beats: 0,
    beat() {
      this.beats++;
      keepalive.remove(this);
    },
  };
  keepalive.add(once);
  clock.advance(10_000);
  expect(once.beats).toBe(1);
  expect(clock.alarms).toBe(0);
});
