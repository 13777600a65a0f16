import { StoreFullError } from '@portcullis/engine';
import { afterEach, expect, it } from 'vitest';
import { actionAt, DataFolder, membersAt, messageAt } from './data-folder.fixture.ts';

const folder = new DataFolder();
afterEach(() => folder.clear());

const QUOTA = 512 * 1024;
const KIB_8 = `"${'x'.repeat(8_190)}"`;
const ALL = { app: 'demo', channel: 'room', limit: 100_000, scope: { of: 'channel' } } as const;
const BIG_MEMBER = { user: 'cat', channel: 'room', updated: 1, etag: 'e' };
const FILE = {
  app: 'demo',
  channel: 'room',
  id: '1',
  name: 'f',
  size: 1,
  createdAt: 1,
  state: 'stored',
  audience: { to: 'authenticated' },
  expiresAt: null,
} as const;

/** Fills a store to its quota; tells how many messages it took. */
async function fill(store: Awaited<ReturnType<DataFolder['open']>>): Promise<number> {
  for (let n = 0; n < 1_000; n += 1) {
    try {
      await store.append({ publication: messageAt(n, KIB_8), keep: 10_000 });
    } catch (error) {
      expect(error).toBeInstanceOf(StoreFullError);
      return n;
    }
  }
  throw new Error('It never was full.');
}

it('a full disk refuses what adds to it, every time, and leaves what is there intact', async () => {
  const store = await folder.open({ maxBytes: QUOTA });
  const taken = await fill(store);
  expect(taken).toBeGreaterThan(20);
  const adding = [
    store.append({ publication: messageAt(1_001, KIB_8), keep: 10_000 }),
    store.commit('demo', 1, [{ type: 'app.put', settings: { text: KIB_8 } }]),
    store.audit({ at: 1, app: 'demo', actor: 'cli', action: 'x', detail: { text: KIB_8 } }),
    store.commit('demo', 2, [{ type: 'group.put', group: 'g', channels: [KIB_8] }]),
    store.addAction({ ...actionAt(0), value: KIB_8 }),
    store.putObject('demo', 'user', { id: 'ann', fields: { text: KIB_8 }, updated: 1, etag: 'e' }),
    store.putMemberships('demo', [...membersAt(1), { ...BIG_MEMBER, fields: { text: KIB_8 } }]),
    store.putFile({ ...FILE, type: KIB_8 }),
  ];
  const outcomes = await Promise.allSettled<unknown>(adding);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(adding.map(() => 'rejected'));
  for (const { reason } of outcomes as PromiseRejectedResult[]) expect(reason).toBeInstanceOf(StoreFullError);
  expect(await store.history(ALL)).toHaveLength(taken);
  expect(await store.head('demo', 'room')).toMatchObject({ offset: taken });
  expect((await store.load()).apps).toEqual([]);
  expect(await store.actions({ ...ALL, now: 0 })).toEqual([]);
  expect(await store.countObjects('demo', 'user')).toBe(0);
  expect(await store.countMemberships('demo', { channel: 'room' })).toBe(0);
  expect(await store.fileTotals('demo')).toEqual({ count: 0, bytes: 0 });
  const again = await folder.reopen(store, { maxBytes: QUOTA });
  expect(await again.history(ALL)).toHaveLength(taken);
});

it('goes on when there is space again: a deleted app gives back what it had', async () => {
  const store = await folder.open({ maxBytes: QUOTA });
  await store.commit('demo', 1, [{ type: 'outside' }]);
  const taken = await fill(store);
  await store.commit('demo', 2, [{ type: 'app.delete' }]);
  let kept = 0;
  for (let n = 0; n < 1_000 && kept < taken / 2; n += 1) {
    const publication = { ...messageAt(2_000 + n, KIB_8), app: 'other' };
    const outcome = await Promise.allSettled([store.append({ publication, keep: 10_000 })]);
    if (outcome[0].status === 'fulfilled') kept += 1;
  }
  expect(kept).toBeGreaterThanOrEqual(taken / 2);
});

it('goes on when the quota is raised', async () => {
  const store = await folder.open({ maxBytes: QUOTA });
  const taken = await fill(store);
  const again = await folder.reopen(store, { maxBytes: QUOTA * 2 });
  await again.append({ publication: messageAt(taken, KIB_8), keep: 10_000 });
  expect(await again.history(ALL)).toHaveLength(taken + 1);
});

it('a channel that keeps few messages makes its own room by trimming', async () => {
  const store = await folder.open({ maxBytes: QUOTA });
  let refused = 0;
  for (let n = 0; n < 400; n += 1) {
    const [outcome] = await Promise.allSettled([store.append({ publication: messageAt(n, KIB_8), keep: 5 })]);
    if (outcome?.status === 'rejected') refused += 1;
  }
  expect(refused).toBeLessThan(40);
  expect((await store.history({ ...ALL, limit: 5 })).length).toBe(5);
});

it('goes on when a range of messages is deleted, though the disk is full', async () => {
  const store = await folder.open({ maxBytes: QUOTA });
  const taken = await fill(store);
  const deleted = await store.deleteRange({ app: 'demo', channel: 'room', olderThan: messageAt(taken - 5).timetoken });
  expect(deleted).toHaveLength(taken - 5);
  for (let n = 0; n < taken / 2; n += 1) {
    await store.append({ publication: messageAt(taken + n, KIB_8), keep: 10_000 });
  }
});
