import { expect, it } from 'vitest';
import { explore } from './explore.fixture.ts';

const LONG = process.env.LONG_TESTS === '1';
const SCHEDULES = LONG ? 1_000_000 : 2_000;
const QUARTER = SCHEDULES / 4;

/** One of four files, so that the cores of a machine share the work. Seeds are fixed: what fails once fails again. */
export function interleavings(quarter: 1 | 2 | 3 | 4): void {
  it(
    `whatever the order of joins, messages, returns, swaps, changes of authority, answers of triggers and stores, and time, every promise holds (${QUARTER} of ${SCHEDULES} orders)`,
    async () => {
      // A world in which nothing happens breaks no promise.
      const { written, asked } = await explore((quarter - 1) * QUARTER, QUARTER);
      expect(written).toBeGreaterThan(QUARTER * 20);
      expect(asked).toBeGreaterThan(QUARTER);
    },
    LONG ? 7_200_000 : 120_000,
  );
}
