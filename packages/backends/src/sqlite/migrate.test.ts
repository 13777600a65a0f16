import { join } from 'node:path';
import { SILENT_LOG } from '@portcullis/engine';
import { afterEach, expect, it } from 'vitest';
import { actionAt, DataFolder, messageAt } from './data-folder.fixture.ts';
import { APPLICATION_ID } from './inspect-file.ts';
import { migrate } from './migrate.ts';
import type { Migration } from './migration.ts';
import { MIGRATIONS } from './migrations.ts';
import { SqlThread } from './thread/sql-thread.ts';

const folder = new DataFolder();
const started: SqlThread[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((thread) => thread.close()));
  await folder.clear();
});

async function opened(): Promise<{ sql: SqlThread; file: string }> {
  const file = join(await folder.make(), 'test.db');
  const sql = await SqlThread.start({ file, applicationId: 1, maxPages: null, onLost: () => {} });
  started.push(sql);
  return { sql, file };
}

const LAST = MIGRATIONS.length;
const NEXT: Migration = {
  version: LAST + 1,
  name: 'more',
  statements: ['CREATE TABLE more (n INTEGER) STRICT'],
};

it('migrations are numbered from 1 without a gap', () => {
  expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
});

it('a file is brought up from where it is, each step once', async () => {
  const { sql, file } = await opened();
  await migrate(sql, { file, log: SILENT_LOG });
  await sql.write([[`UPDATE numbers SET value = 1000005 WHERE name = 'next_id'`]]);
  const migrations = [...MIGRATIONS, NEXT];
  await migrate(sql, { file, log: SILENT_LOG, migrations });
  await migrate(sql, { file, log: SILENT_LOG, migrations });
  const versions = await sql.read('SELECT version FROM schema_version ORDER BY version');
  expect(versions).toEqual(migrations.map(({ version }) => [BigInt(version)]));
  expect(await sql.read(`SELECT value FROM numbers WHERE name = 'next_id'`)).toEqual([[1_000_005n]]);
});

it('a step that fails is not taken at all', async () => {
  const { sql, file } = await opened();
  await migrate(sql, { file, log: SILENT_LOG });
  const broken: Migration = { ...NEXT, statements: [...NEXT.statements, 'CREATE TABLE more (n INTEGER)'] };
  await expect(migrate(sql, { file, log: SILENT_LOG, migrations: [...MIGRATIONS, broken] })).rejects.toThrow('more');
  expect(await sql.read(`SELECT count(*) FROM sqlite_schema WHERE name = 'more'`)).toEqual([[0n]]);
  expect(await sql.read('SELECT max(version) FROM schema_version')).toEqual([[BigInt(LAST)]]);
  await migrate(sql, { file, log: SILENT_LOG, migrations: [...MIGRATIONS, NEXT] });
  expect(await sql.read('SELECT max(version) FROM schema_version')).toEqual([[BigInt(LAST + 1)]]);
});

it('what the first version kept is there as it was, and can be added to', async () => {
  const path = await folder.make();
  const file = join(path, 'portcullis.db');
  const sql = await SqlThread.start({ file, applicationId: APPLICATION_ID, maxPages: null, onLost: () => {} });
  await migrate(sql, { file, log: SILENT_LOG, migrations: MIGRATIONS.slice(0, 1) });
  await sql.write([
    [`INSERT INTO apps VALUES ('demo', 3, NULL)`],
    [`INSERT INTO channels VALUES (1, 'demo', 'room', 'epoch-1', 1, 17642345678901237)`],
    [
      `INSERT INTO history VALUES (1, 1, '', 17642345678901237, 'epoch-1', 1, 1, 'message',
         '{"to":"everyone","anonymous":true}', NULL, NULL, NULL, ?)`,
      messageAt(0).data,
    ],
  ]);
  await sql.close();
  const store = await folder.open({ folder: path });
  expect((await store.load()).apps).toMatchObject([{ app: 'demo', epoch: 3, groups: [] }]);
  const items = await store.range({ app: 'demo', channel: 'room', limit: 9, from: 'newest', now: 9e15 });
  expect(items).toEqual([messageAt(0)]);
  expect(await store.addAction(actionAt(0))).toBe('added');
});
