import { expect, test } from 'vitest';
import { DenialPace } from './denial-pace.ts';

const LIMITS = { deniedEvents: 5, deniedPerAddress: 2 };

test('one address is told of so often a second, and keeps nobody else’s from being told', () => {
  const pace = new DenialPace();
  const tell = (address?: string, now = 0) => pace.mayTell(now, LIMITS, address);
  expect(Array.from({ length: 100 }, () => tell('a')).filter(Boolean)).toHaveLength(2);
  expect([tell('b'), tell(), tell()]).toEqual([true, true, true]);
  expect([tell('b'), tell()]).toEqual([false, false]);
  expect(pace.takeMissed()).toBe(100);
  expect(pace.takeMissed()).toBe(0);
  expect([tell('a', 999), tell('a', 1_000), tell('a', 1_999), tell('a', 1_999)]).toEqual([false, true, true, false]);
  expect(pace.takeMissed()).toBe(2);
});

test('however many addresses come in a second, as many are told as may be', () => {
  const pace = new DenialPace();
  const told = Array.from({ length: 1_000 }, (_, n) => pace.mayTell(0, LIMITS, `10.0.0.${n}`));
  expect(told.filter(Boolean)).toHaveLength(5);
  expect(pace.takeMissed()).toBe(995);
});
