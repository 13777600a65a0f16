import { expect, it } from 'vitest';
import { Allowance, type Verdict } from './allowance.ts';

const MOST = 1_000;
const take = (allowance: Allowance, bytes: number, waits = false): Verdict => allowance.take(bytes, MOST, waits);

it('charges the bytes of frames, and 64 more for each', () => {
  const allowance = new Allowance();
  expect(take(allowance, 900)).toBe('fits');
  expect(take(allowance, 0)).toBe('exceeded');
});

it('holds what comes behind a command under way, past the same bound', () => {
  const allowance = new Allowance();
  expect([take(allowance, 900, true), take(allowance, 900, true), take(allowance, 900, true)]).toEqual([
    'fits',
    'hold',
    'hold',
  ]);
});

it('charges of what was held only that there were frames', () => {
  const allowance = new Allowance();
  for (let n = 0; n < 5; n += 1) take(allowance, 900, true);
  expect(take(allowance, 500)).toBe('fits');
  expect(take(allowance, 100)).toBe('exceeded');
});

it('bounds how often one command can wait behind another', () => {
  const allowance = new Allowance();
  for (let n = 0; n < 20; n += 1) take(allowance, 10, true);
  expect(take(allowance, 10)).toBe('exceeded');
});

it('bounds nothing once a channel is joined', () => {
  const allowance = new Allowance();
  take(allowance, 900, true);
  allowance.lift();
  expect([take(allowance, 5_000), take(allowance, 5_000, true)]).toEqual(['fits', 'fits']);
});
