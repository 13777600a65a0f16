import { MemoryStore, type RangeBounds, type Store } from '@portcullis/engine';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { actionAt, DataFolder, messageAt } from './data-folder.fixture.ts';

const folders = new DataFolder();
afterEach(() => folders.clear());

const PLACE = { app: 'demo', channel: 'room' };
const EVER = { limit: 1_000, now: 0 };

type Call = (store: Store) => Promise<unknown>;

const small = fc.integer({ min: 0, max: 7 });
const timetoken = small.map((n) => messageAt(n).timetoken);
const bounds = fc.record(
  { newerThan: timetoken, notOlderThan: timetoken, olderThan: timetoken, notNewerThan: timetoken },
  { requiredKeys: [] },
) as fc.Arbitrary<RangeBounds>;
const end = fc.constantFrom('newest', 'oldest');
const etag = fc.constantFrom('e1', 'e2');
const expected = fc.option(fc.option(etag, { nil: null }), { nil: undefined });
const name = fc.constantFrom('a', 'b', '"', 'a\0');
const user = fc.constantFrom('ann', 'bob');
const member = fc.record({ user: name, channel: name, etag, expected });

function membership({
  expected: expectedEtag,
  ...row
}: {
  user: string;
  channel: string;
  etag: string;
  expected: string | null | undefined;
}) {
  return { ...row, fields: { etag: row.etag }, updated: 1, ...(expectedEtag === undefined ? {} : { expectedEtag }) };
}

const call: fc.Arbitrary<Call> = fc.oneof(
  small.map(
    (n): Call =>
      (store) =>
        store.append({ publication: messageAt(n), keep: 1_000 }),
  ),
  fc.tuple(bounds, end, small).map(
    ([between, from, limit]): Call =>
      (store) =>
        store.range({ ...PLACE, ...EVER, ...between, from, limit }),
  ),
  bounds.map(
    (between): Call =>
      (store) =>
        store.deleteRange({ ...PLACE, ...between }),
  ),
  fc.tuple(small, small, name, user).map(
    ([on, at, value, by]): Call =>
      (store) =>
        store.addAction({ ...actionAt(on), timetoken: messageAt(at).timetoken, value, user: by }),
  ),
  fc.tuple(timetoken, timetoken).map(
    (which): Call =>
      (store) =>
        store.removeAction('demo', 'room', ...which),
  ),
  fc.tuple(timetoken, timetoken, small).map(
    ([olderThan, notOlderThan, limit]): Call =>
      (store) =>
        store.actions({ ...PLACE, ...EVER, olderThan, notOlderThan, limit }),
  ),
  fc.array(timetoken).map(
    (of): Call =>
      (store) =>
        store.actionsOf('demo', 'room', of),
  ),
  fc.tuple(name, etag, expected).map(
    ([id, made, before]): Call =>
      (store) =>
        store.putObject('demo', 'user', { id, fields: { made }, updated: 1, etag: made }, before),
  ),
  name.map(
    (id): Call =>
      (store) =>
        store.deleteObject('demo', 'user', id),
  ),
  fc.array(member, { maxLength: 4 }).map(
    (rows): Call =>
      (store) =>
        store.putMemberships('demo', rows.map(membership)),
  ),
  fc.array(member, { maxLength: 3 }).map(
    (keys): Call =>
      async (store) => {
        const gone = await store.deleteMemberships('demo', keys);
        return gone.map(inOrder).sort();
      },
  ),
);

/** Everything there is, in no particular order where none is promised for such names. */
async function everything(store: Store): Promise<unknown> {
  const rows = [
    ...(await store.objects('demo', 'user', { limit: 100 })),
    ...(await store.memberships('demo', { user: 'a' }, { limit: 100 })),
    ...(await store.memberships('demo', { channel: '"' }, { limit: 100 })),
  ];
  return {
    items: await store.range({ ...PLACE, ...EVER, from: 'newest' }),
    actions: await store.actions({ ...PLACE, ...EVER }),
    rows: rows.map((row) => JSON.stringify(row, Object.keys({ ...row, made: 0 }).sort())).sort(),
  };
}

/** All calls of one turn, and what became of each. */
async function outcomes(store: Store, calls: readonly Call[]): Promise<unknown> {
  const settled = await Promise.allSettled(calls.map((made) => made(store)));
  return settled.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : 'rejected'));
}

/** A row as text, whatever order its fields come in. */
function inOrder(row: object): string {
  return JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
}

it('whatever is asked of it, it answers as the store in memory does', async () => {
  const store = await folders.open();
  let epoch = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(call, { maxLength: 12 }), { maxLength: 5 }), async (turns) => {
      const model = new MemoryStore();
      await store.commit('demo', ++epoch, [{ type: 'app.delete' }]);
      for (const calls of turns) expect(await outcomes(store, calls)).toEqual(await outcomes(model, calls));
      expect(await everything(store)).toEqual(await everything(model));
    }),
    { numRuns: 150 },
  );
}, 60_000);
