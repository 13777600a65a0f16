import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { actionAt, DataFolder, membersAt, messageAt } from './data-folder.fixture.ts';

const folders = new DataFolder();
afterEach(() => folders.clear());

const WAL_HEADER = 32;
const FRAME_HEADER = 24;

/** Transactions in the write-ahead log: frames that name the size of the file are the last of one (https://www.sqlite.org/fileformat.html#wal_file_format). */
async function transactionsIn(folder: string): Promise<number> {
  const wal = await readFile(join(folder, 'portcullis.db-wal'));
  const page = wal.readUInt32BE(8);
  let commits = 0;
  for (let at = WAL_HEADER; at + FRAME_HEADER + page <= wal.length; at += FRAME_HEADER + page) {
    const ofThisLog =
      wal.readUInt32BE(at + 8) === wal.readUInt32BE(16) && wal.readUInt32BE(at + 12) === wal.readUInt32BE(20);
    if (ofThisLog && wal.readUInt32BE(at + 4) !== 0) commits += 1;
  }
  return commits;
}

it('what is handed over in one turn is one transaction, whatever it is', async () => {
  const folder = await folders.make();
  const store = await folders.open({ folder });
  const before = await transactionsIn(folder);
  const calls: Promise<unknown>[] = Array.from({ length: 500 }, (_, n) =>
    store.append({ publication: messageAt(n), keep: 1_000 }),
  );
  calls.push(store.audit({ at: 1, app: null, actor: 'cli', action: 'x', detail: {} }));
  calls.push(store.addAction(actionAt(7)), store.putMemberships('demo', membersAt(1)));
  calls.push(store.putObject('demo', 'user', { id: 'ann', fields: {}, updated: 1, etag: 'e' }));
  calls.push(store.deleteRange({ app: 'demo', channel: 'other' }));
  const seen = store.history({ app: 'demo', channel: 'room', limit: 1_000, scope: { of: 'channel' } });
  calls.push(store.append({ publication: messageAt(500), keep: 1_000 }));
  await Promise.all(calls);
  expect((await transactionsIn(folder)) - before).toBe(1);
  expect(await seen).toHaveLength(500);
});

it('a change of authority goes at once, in one transaction with what was handed over before it', async () => {
  const folder = await folders.make();
  const store = await folders.open({ folder });
  const before = await transactionsIn(folder);
  const said = Array.from({ length: 50 }, (_, n) => store.append({ publication: messageAt(n), keep: 1_000 }));
  const changed = store.commit('demo', 1, [{ type: 'outside' }]);
  await Promise.all([...said, changed]);
  expect((await transactionsIn(folder)) - before).toBe(1);
});

it('a turn is what lies between two looks at the sockets: callbacks of one of them belong together', async () => {
  const folder = await folders.make();
  const store = await folders.open({ folder });
  const before = await transactionsIn(folder);
  const calls: Promise<void>[] = [];
  for (let n = 0; n < 10; n += 1) {
    await Promise.resolve();
    calls.push(store.append({ publication: messageAt(n), keep: 100 }));
  }
  await Promise.all(calls);
  expect((await transactionsIn(folder)) - before).toBe(1);
});

it('turns that come while a commit is running are gathered into the next', async () => {
  const folder = await folders.make();
  const store = await folders.open({ folder });
  const before = await transactionsIn(folder);
  const calls: Promise<void>[] = [];
  for (let turn = 0; turn < 300; turn += 1) {
    for (let n = 0; n < 5; n += 1) calls.push(store.append({ publication: messageAt(turn * 5 + n), keep: 10_000 }));
    await nextTurn();
  }
  await Promise.all(calls);
  const transactions = (await transactionsIn(folder)) - before;
  expect(transactions).toBeGreaterThanOrEqual(1);
  expect(transactions).toBeLessThan(200);
});

it('calls that wait for one another are each on the disk before they are answered', async () => {
  const folder = await folders.make();
  const store = await folders.open({ folder });
  const before = await transactionsIn(folder);
  for (let n = 0; n < 20; n += 1) {
    await store.append({ publication: messageAt(n), keep: 100 });
    expect((await transactionsIn(folder)) - before).toBe(n + 1);
  }
});

it('answers come in the order of the calls, refused ones too, over many transactions', async () => {
  const store = await folders.open();
  await store.append({ publication: messageAt(0), keep: 1_000 });
  const order: number[] = [];
  const calls: Promise<unknown>[] = [];
  const note = (n: number) => void order.push(n);
  for (let n = 0; n < 300; n += 1) {
    const call =
      n % 3 === 0
        ? store.append({ publication: messageAt(0), keep: 1_000 })
        : store.append({ publication: messageAt(n), keep: 1_000 });
    calls.push(
      call.then(
        () => note(n),
        () => note(n),
      ),
    );
    if (n % 20 === 0) await nextTurn();
  }
  await Promise.all(calls);
  expect(order).toEqual(Array.from({ length: 300 }, (_, n) => n));
});
