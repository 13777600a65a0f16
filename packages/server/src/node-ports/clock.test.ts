import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NodeClock } from './clock.ts';
import { nodeIds } from './ids.ts';

function machine() {
  const hands = { wall: 1_000_000, steady: 50 };
  const clock = new NodeClock(
    () => hands.wall,
    () => hands.steady,
  );
  const pass = (ms: number) => {
    hands.wall += ms;
    hands.steady += ms;
  };
  return { hands, clock, pass };
}

test('follows the wall clock, and its jumps ahead', () => {
  const { hands, clock, pass } = machine();
  pass(250);
  expect(clock.now()).toBe(1_000_250);
  hands.wall += 60_000;
  expect(clock.now()).toBe(1_060_250);
});

test('a wall clock that is set back slows it down and never turns it back', () => {
  const { hands, clock, pass } = machine();
  hands.wall -= 1_000;
  let before = clock.now();
  expect(before).toBe(1_000_000);
  for (let step = 0; step < 10; step++) {
    pass(100);
    const now = clock.now();
    expect(now).toBe(before + 50);
    before = now;
  }
  pass(1_000);
  pass(1_000);
  clock.now();
  pass(10);
  expect(clock.now()).toBe(hands.wall);
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a timer past 2³¹ − 1 ms fires at its time and not at once', () => {
  const clock = new NodeClock();
  const month = 31 * 24 * 3_600_000;
  let fired = 0;
  clock.after(month, () => fired++);
  vi.advanceTimersByTime(month - 1);
  expect(fired).toBe(0);
  vi.advanceTimersByTime(1);
  expect(fired).toBe(1);
});

test('a timer that was called off does not fire, also after its first step', () => {
  const clock = new NodeClock();
  let fired = 0;
  const callOff = clock.after(2 ** 31 + 10, () => fired++);
  vi.advanceTimersByTime(2 ** 31);
  callOff();
  vi.advanceTimersByTime(1_000);
  expect(fired).toBe(0);
});

test('ids do not repeat, are safe in a URL and carry at least 96 bits', () => {
  const seen = new Set<string>();
  for (let n = 0; n < 1_000; n++) {
    for (const id of [nodeIds.session(), nodeIds.epoch()]) {
      expect(id).toMatch(/^[A-Za-z0-9_-]{16,}$/);
      seen.add(id);
    }
  }
  expect(seen.size).toBe(2_000);
});
