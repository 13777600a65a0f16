import { execFile } from 'node:child_process';
import { appendFile, copyFile, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Log, Publication } from '@portcullis/engine';
import Database from 'libsql';
import { afterEach, describe, expect, it } from 'vitest';
import { DataFolder, messageAt } from './data-folder.fixture.ts';
import { APPLICATION_ID } from './inspect-file.ts';
import { MIGRATIONS } from './migrations.ts';
import { StoreOpenError } from './open-error.ts';

const folders = new DataFolder();
afterEach(() => folders.clear());

const fileIn = (folder: string) => join(folder, 'portcullis.db');

/** A folder with a file of some hundred pages, closed in order. */
async function filled(count = 400): Promise<string> {
  const folder = await folders.make();
  const store = await folders.open({ folder });
  await Promise.all(Array.from({ length: count }, (_, n) => store.append({ publication: messageAt(n), keep: 10_000 })));
  await store.commit('demo', 1, [{ type: 'app.put', settings: { name: 'Demo' } }]);
  await store.close();
  return folder;
}

/** The same, as it stands on the disk while the server is running: what a crash would leave. */
async function crashed(count = 50): Promise<string> {
  const from = await filled(20);
  const store = await folders.open({ folder: from });
  for (let n = 100; n < 100 + count; n += 1) await store.append({ publication: messageAt(n), keep: 10_000 });
  const to = await folders.make();
  for (const name of ['portcullis.db', 'portcullis.db-wal']) await copyFile(join(from, name), join(to, name));
  return to;
}

async function refusal(folder: string): Promise<StoreOpenError> {
  const error: unknown = await folders.open({ folder }).catch((reason: unknown) => reason);
  if (error instanceof StoreOpenError) return error;
  throw new Error('It was not refused.', { cause: error });
}

async function itemsIn(folder: string, log?: Log): Promise<readonly Publication[]> {
  const store = await folders.open({ folder, ...(log ? { log } : {}) });
  return store.history({ app: 'demo', channel: 'room', limit: 100_000, scope: { of: 'channel' } });
}

function remembering(): Log & { readonly events: string[] } {
  const events: string[] = [];
  const note = (event: string) => void events.push(event);
  return { events, debug: note, info: note, warn: note, error: note };
}

describe('opening a data folder', () => {
  it('makes it, for the owner alone, and an empty file in it is as good as none', async () => {
    const folder = join(await folders.make(), 'a', 'b');
    await (await folders.open({ folder })).close();
    expect((await stat(folder)).mode & 0o077).toBe(0);
    expect((await stat(fileIn(folder))).mode & 0o077).toBe(0);
    const other = await folders.make();
    await writeFile(fileIn(other), '');
    expect(await itemsIn(other)).toEqual([]);
  });

  it('leaves one file behind when it is closed in order', async () => {
    const folder = await filled(5);
    await expect(stat(`${fileIn(folder)}-wal`)).rejects.toThrow('ENOENT');
  });

  it('says when a folder cannot be made', async () => {
    const folder = await folders.make();
    await writeFile(join(folder, 'taken'), 'a file');
    const { reason, message } = await refusal(join(folder, 'taken'));
    expect(reason).toBe('folder');
    expect(message).toContain(join(folder, 'taken'));
  });

  it('goes on after a start that was cut off before there was a table', async () => {
    const folder = await folders.make();
    const database = new Database(fileIn(folder));
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    database.close();
    expect(await itemsIn(folder)).toEqual([]);
  });
});

describe('a folder that is in use', () => {
  it('is refused by name, in the same process, and free again afterwards', async () => {
    const folder = await filled(5);
    const store = await folders.open({ folder });
    const { reason, message } = await refusal(folder);
    expect(reason).toBe('locked');
    expect(message).toContain(folder);
    expect(message).toContain('in use');
    await store.append({ publication: messageAt(50), keep: 10 });
    await store.close();
    expect(await itemsIn(folder)).toHaveLength(6);
  });

  it('is refused to another process, which reads nothing either', async () => {
    const folder = await filled(5);
    await folders.open({ folder });
    const code = `
      import Database from 'libsql';
      try { new Database(process.argv[1]).prepare('SELECT count(*) FROM history').all(); console.log('read'); }
      catch (error) { console.log(error.code); }`;
    const { stdout } = await promisify(execFile)('node', ['--input-type=module', '-e', code, fileIn(folder)], {
      cwd: import.meta.dirname,
    });
    expect(stdout.trim()).toBe('SQLITE_BUSY');
  });

  it('is free for one of two that start together', async () => {
    const folder = await folders.make();
    const outcomes = await Promise.allSettled([folders.open({ folder }), folders.open({ folder })]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(failed?.reason).toMatchObject({ reason: 'locked' });
  });
});

describe('a foreign file', () => {
  it.each([
    ['text', Buffer.from('hello, not a database. '.repeat(20))],
    ['a few bytes', Buffer.from('hi')],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, ...Array.from({ length: 300 }, (_, n) => n % 256)])],
  ])('that is %s is refused and left alone', async (_, bytes) => {
    const folder = await folders.make();
    await writeFile(fileIn(folder), bytes);
    const { reason, message } = await refusal(folder);
    expect(reason).toBe('foreign');
    expect(message).toContain(fileIn(folder));
    expect((await readFile(fileIn(folder))).equals(bytes)).toBe(true);
  });

  it.each([
    ['large', 5_000],
    ['small', 1],
    ['of another program that says so', 1, 'PRAGMA application_id = 77'],
  ])('that is another %s database is refused and keeps its tables', async (_, rows, also = '') => {
    const folder = await folders.make();
    const database = new Database(fileIn(folder));
    database.exec(`CREATE TABLE theirs (text TEXT); ${also}`);
    database.exec(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
       INSERT INTO theirs SELECT 'something of theirs ' || i FROM n`,
    );
    database.close();
    const before = await readFile(fileIn(folder));
    expect((await refusal(folder)).reason).toBe('foreign');
    expect((await readFile(fileIn(folder))).equals(before)).toBe(true);
    const again = new Database(fileIn(folder));
    expect(again.prepare('SELECT count(*) AS n FROM theirs').get()).toMatchObject({ n: rows });
    again.close();
  });
});

describe('a damaged file', () => {
  const damage: [string, (file: string) => Promise<void>][] = [
    ['torn in the middle', async (file) => truncate(file, Math.floor((await stat(file)).size / 2))],
    ['torn within its last page', async (file) => truncate(file, (await stat(file)).size - 1_000)],
    ['torn within its header', (file) => truncate(file, 50)],
    ['of zeros', async (file) => writeFile(file, Buffer.alloc((await stat(file)).size))],
    [
      'overwritten in a page',
      async (file) => {
        const bytes = await readFile(file);
        bytes.fill(0xa5, 4096 * 12, 4096 * 20);
        await writeFile(file, bytes);
      },
    ],
  ];

  it.each(damage)('%s is refused, says what to do, and is left alone', async (_, spoil) => {
    const folder = await filled();
    await spoil(fileIn(folder));
    const before = await readFile(fileIn(folder));
    const { reason, message } = await refusal(folder);
    expect(reason).toBe('damaged');
    expect(message).toContain(fileIn(folder));
    expect(message).toContain('backup');
    expect((await readFile(fileIn(folder))).equals(before)).toBe(true);
  });

  it('that is gone while its log is there is refused: the log alone would be thrown away', async () => {
    const folder = await crashed();
    await rm(fileIn(folder));
    const { reason, message } = await refusal(folder);
    expect(reason).toBe('damaged');
    expect(message).toContain('-wal');
    expect((await stat(`${fileIn(folder)}-wal`)).size).toBeGreaterThan(0);
  });

  it('too large to be read through is opened all the same, and the log says so', async () => {
    const folder = await filled();
    const log = remembering();
    const store = await folders.open({ folder, log, checkBytes: 1_000 });
    expect(log.events).toContain('store.check-skipped');
    expect((await store.load()).apps).toHaveLength(1);
  });
});

describe('what a crash leaves', () => {
  it('is taken up again, and the log says so', async () => {
    const folder = await crashed(50);
    const log = remembering();
    expect(await itemsIn(folder, log)).toHaveLength(70);
    expect(log.events).toContain('store.recovered');
  });

  it('loses the write that was torn, and nothing before it', async () => {
    const folder = await crashed(50);
    const wal = `${fileIn(folder)}-wal`;
    await truncate(wal, (await stat(wal)).size - 100);
    const items = await itemsIn(folder);
    expect(items).toEqual([...Array.from({ length: 20 }, (_, n) => messageAt(n)), ...items.slice(20)]);
    expect(items).toHaveLength(69);
  });

  it('may have rubbish at its end', async () => {
    const folder = await crashed(50);
    await appendFile(`${fileIn(folder)}-wal`, Buffer.alloc(10_000, 0x5a));
    expect(await itemsIn(folder)).toHaveLength(70);
  });
});

describe('a file of another version', () => {
  it('that is newer is refused with both versions, and left alone', async () => {
    const folder = await filled(5);
    const database = new Database(fileIn(folder));
    database.exec(`INSERT INTO schema_version VALUES (999, 'from the future')`);
    database.close();
    const { reason, message } = await refusal(folder);
    expect(reason).toBe('newer');
    expect(message).toMatch(new RegExp(`schema 999.*up to ${MIGRATIONS.length}\\b`));
    expect(message).toContain(fileIn(folder));
  });

  it('whose version is missing is refused as damaged', async () => {
    const folder = await filled(5);
    const database = new Database(fileIn(folder));
    database.exec('DROP TABLE schema_version');
    database.close();
    expect(await refusal(folder)).toMatchObject({
      reason: 'damaged',
      message: expect.stringContaining('schema_version'),
    });
  });
});
