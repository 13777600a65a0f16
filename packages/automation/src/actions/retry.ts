import type { RetrySpec } from './spec.ts';

/** ms to wait after the n-th failed attempt, n from 1. `random`: from 0 to 1. */
export function backOff({ base, max }: RetrySpec, n: number, random: number): number {
  return (0.5 + random / 2) * Math.min(max, base * 2 ** Math.min(n - 1, 50));
}
