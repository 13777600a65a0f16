import { type DenialCount, SILENT_LOG } from '@portcullis/engine';
import { expect, test } from 'vitest';
import { DenialCounts } from './denial-counts.ts';

function counting() {
  const written: DenialCount[][] = [];
  const state = { now: 120_000, failing: false };
  const counts = new DenialCounts({
    clock: { now: () => state.now, after: () => () => {}, endOfTurn: () => {} },
    log: SILENT_LOG,
    store: {
      countDenials: async (rows) => {
        if (state.failing) throw new Error('disk gone');
        written.push([...rows]);
      },
    },
  });
  return { counts, written, state };
}

test('one row a minute, app, code, principal and rule', async () => {
  const { counts, written, state } = counting();
  counts.add('a', 'channel.no-rule', 'anonymous', null);
  counts.add('a', 'channel.no-rule', 'anonymous', null);
  counts.add('a', 'channel.no-rule', 'user:ada', null);
  counts.add('b', 'channel.no-rule', 'anonymous', 3);
  state.now += 60_000;
  counts.add('a', 'channel.no-rule', 'anonymous', null);
  await counts.flush();
  await counts.flush();
  expect(written).toHaveLength(1);
  expect(written[0]?.map(({ minute, app, principal, count }) => [minute, app, principal, count])).toEqual([
    [2, 'a', 'anonymous', 2],
    [2, 'a', 'user:ada', 1],
    [2, 'b', 'anonymous', 1],
    [3, 'a', 'anonymous', 1],
  ]);
});

test('a store that fails loses no count', async () => {
  const { counts, written, state } = counting();
  counts.add('a', 'x', 'anonymous', null);
  state.failing = true;
  await counts.flush();
  counts.add('a', 'x', 'anonymous', null);
  state.failing = false;
  await counts.flush();
  expect(written).toEqual([[expect.objectContaining({ count: 2 })]]);
});

test('a flood of made-up principals takes a bounded number of rows, and is still counted whole', async () => {
  const { counts, written } = counting();
  for (let n = 0; n < 30_000; n++) counts.add('a', 'x', `stated:${n}`, null);
  await counts.flush();
  const [rows = []] = written;
  expect(rows).toHaveLength(10_001);
  expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(30_000);
});
