import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Act, act } from './testing/interleavings/acts.fixture.ts';
import { Run } from './testing/interleavings/run.fixture.ts';
import { judge } from './testing/interleavings/verdict.fixture.ts';

const LONG = process.env.LONG_TESTS === '1';
const SCHEDULES = LONG ? 50_000 : 1_000;

async function play(acts: readonly Act[]): Promise<Run> {
  const run = await Run.begin();
  for (const next of acts) await run.play(next);
  await run.finish();
  return run;
}

it(
  `whatever the order of joins, messages, changes of authority, answers of the store and the clock, every promise holds (${SCHEDULES} orders)`,
  async () => {
    let delivered = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 60, size: 'max' }), async (acts) => {
        const run = await play(acts);
        for (const { connections } of run.apps.values()) {
          for (const { line } of connections) delivered += line.written.length;
        }
        judge(run);
      }),
      { numRuns: SCHEDULES },
    );
    // A world in which nothing happens breaks no promise.
    expect(delivered).toBeGreaterThan(SCHEDULES * 20);
  },
  LONG ? 900_000 : 60_000,
);
