import type { FileRow, FilesQuery } from '../ports/store-files.ts';
import type { Case } from './case.ts';
import { checkSame } from './check.ts';
import { APP, CHANNEL, EVERYONE, type StoreHarness } from './store-harness.ts';

const NOW = 1_764_234_567_890;

/** The n-th file of a channel, stored at NOW + n. */
function file(n: number, changes: Partial<FileRow> = {}): FileRow {
  return {
    app: APP,
    channel: CHANNEL,
    id: `id-${n}`,
    name: 'ünïcödé "😀".txt',
    size: n * 100,
    type: 'text/plain',
    createdAt: NOW + n,
    state: 'stored',
    audience: EVERYONE,
    expiresAt: null,
    ...changes,
  };
}

const ids = (rows: readonly FileRow[]) => rows.map(({ id }) => id);

/** What a store promises about the index of files. */
export const fileCases: readonly Case<StoreHarness>[] = [
  {
    name: 'a file comes back as it was put, and only under its app, channel, id and name',
    async run({ store }) {
      const put = file(1, { audience: { to: 'user', user: 'ann' }, state: 'promised', expiresAt: NOW + 60_000 });
      checkSame(await store.putFile(put), 'put', 'the answer');
      checkSame(await store.file(APP, CHANNEL, put.id, put.name), put, 'the file');
      const others = [
        store.file('other', CHANNEL, put.id, put.name),
        store.file(APP, 'other', put.id, put.name),
        store.file(APP, CHANNEL, 'other', put.name),
        store.file(APP, CHANNEL, put.id, 'other'),
      ];
      checkSame(await Promise.all(others), [null, null, null, null], 'elsewhere');
      const stored = file(1, { size: 5 });
      checkSame(
        [await store.putFile(stored), await store.file(APP, CHANNEL, put.id, put.name)],
        ['put', stored],
        'replaced',
      );
    },
  },
  {
    name: 'a put may expect what it replaces, so that a promise is kept once',
    async run({ store }) {
      const promise = file(1, { state: 'promised', expiresAt: NOW });
      const answers = [
        await store.putFile(file(1), 'promised'),
        await store.putFile(promise, null),
        await store.putFile(promise, null),
        await store.putFile(file(1, { size: 1 }), 'promised'),
        await store.putFile(file(1, { size: 2 }), 'promised'),
      ];
      checkSame(answers, ['conflict', 'put', 'conflict', 'put', 'conflict'], 'the answers');
      checkSame(await store.file(APP, CHANNEL, promise.id, promise.name), file(1, { size: 1 }), 'the file');
    },
  },
  {
    name: 'the stored files of a channel are listed newest first, page by page',
    async run({ store }) {
      const sameTime = ['a', 'b', 'c'].map((id) => file(3, { id }));
      const sameId = ['n1', 'n2'].map((name) => file(2, { name }));
      const elsewhere = [file(9, { channel: 'other' }), file(9, { app: 'other' }), file(9, { state: 'promised' })];
      for (const put of [file(1), ...sameTime, ...elsewhere, ...sameId, file(4)]) await store.putFile(put);
      const found: FileRow[] = [];
      for (;;) {
        const after = found.at(-1);
        const page: FilesQuery = after === undefined ? { limit: 2 } : { after, limit: 2 };
        const rows = await store.files(APP, CHANNEL, page);
        if (rows.length === 0) break;
        found.push(...rows);
      }
      checkSame(ids(found), ['id-4', 'c', 'b', 'a', 'id-2', 'id-2', 'id-1'], 'the pages together');
      checkSame(new Set(found.map(({ id, name }) => `${id} ${name}`)).size, 7, 'files in them');
      checkSame(await store.files(APP, CHANNEL, { limit: 0 }), [], 'none asked for');
    },
  },
  {
    name: 'a file is deleted once',
    async run({ store }) {
      await store.putFile(file(1));
      await store.putFile(file(2));
      const { id, name } = file(1);
      const answers = [
        await store.deleteFile(APP, 'other', id, name),
        await store.deleteFile(APP, CHANNEL, id, name),
        await store.deleteFile(APP, CHANNEL, id, name),
      ];
      checkSame(answers, [false, true, false], 'the answers');
      checkSame(ids(await store.files(APP, CHANNEL, { limit: 9 })), ['id-2'], 'what is left');
    },
  },
  {
    name: 'what has ended is found over all apps, oldest first: promises and stored files apart',
    async run({ store }) {
      const promised = { state: 'promised', expiresAt: NOW } as const;
      await store.putFile(file(1, promised));
      await store.putFile(file(2, { ...promised, app: 'other', expiresAt: NOW - 5 }));
      await store.putFile(file(3, { ...promised, expiresAt: NOW + 1 }));
      await store.putFile(file(4, { expiresAt: NOW - 1 }));
      await store.putFile(file(5));
      await store.putFile(file(6, { ...promised, expiresAt: null }));
      checkSame(ids(await store.expiredPromises(NOW)), ['id-2', 'id-1'], 'promises');
      checkSame(ids(await store.expiredFiles(NOW)), ['id-4'], 'stored files');
      checkSame(await store.expiredPromises(NOW - 6), [], 'before');
    },
  },
  {
    name: 'totals are of one app, promises included, and nothing is left of a deleted one',
    async run({ store }) {
      for (const put of [
        file(1),
        file(2, { state: 'promised' }),
        file(3, { channel: 'x' }),
        file(5, { app: 'other' }),
      ]) {
        await store.putFile(put);
      }
      checkSame(await store.fileTotals(APP), { count: 3, bytes: 600 }, 'the totals');
      await store.commit(APP, 1, [{ type: 'app.delete' }]);
      checkSame(await store.fileTotals(APP), { count: 0, bytes: 0 }, 'after the deletion');
      checkSame(await store.fileTotals('other'), { count: 1, bytes: 500 }, 'of the other app');
    },
  },
];

export const durableFileCases: readonly Case<StoreHarness>[] = [
  {
    name: 'the index of files survives closing and opening',
    async run({ store, reopen }) {
      await store.putFile(file(1));
      await store.putFile(file(2, { state: 'promised', expiresAt: NOW }));
      const again = await reopen();
      checkSame(await again.files(APP, CHANNEL, { limit: 9 }), [file(1)], 'stored files');
      checkSame(ids(await again.expiredPromises(NOW)), ['id-2'], 'promises');
    },
  },
];
