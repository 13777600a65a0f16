import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { DataFolder } from '../data-folder.fixture.ts';
import { noNativeModule } from '../open-error.ts';
import { ThreadStartError } from './sql-errors.ts';
import { SqlThread } from './sql-thread.ts';

const folder = new DataFolder();
afterEach(() => folder.clear());

const started: SqlThread[] = [];
afterEach(() => Promise.all(started.splice(0).map((thread) => thread.close())));

async function start(options: { script?: URL; onLost?: (error: Error) => void } = {}): Promise<SqlThread> {
  const file = join(await folder.make(), 'test.db');
  const thread = await SqlThread.start({ file, applicationId: 1, maxPages: null, onLost: () => {}, ...options });
  started.push(thread);
  return thread;
}

const script = (code: string) => new URL(`data:text/javascript,${encodeURIComponent(code)}`);
const OPENS = `import { parentPort } from 'node:worker_threads'; parentPort.postMessage({ type: 'open' });`;

describe('the thread of the database', () => {
  it('keeps integers exact in both directions', async () => {
    const sql = await start();
    await sql.write([['CREATE TABLE t (n INTEGER) STRICT']]);
    const numbers = [17_642_345_678_901_237n, 2n ** 63n - 1n, -(2n ** 63n), 9_007_199_254_740_993n];
    await Promise.all(numbers.map((n) => sql.write([['INSERT INTO t VALUES (?)', n]])));
    await sql.write([['INSERT INTO t VALUES (?)', Number.MAX_SAFE_INTEGER]]);
    const rows = await sql.read('SELECT n FROM t ORDER BY rowid');
    expect(rows.flat()).toEqual([...numbers, BigInt(Number.MAX_SAFE_INTEGER)]);
  });

  it('writes safely: a write-ahead log, on the disk at every commit, the file for itself', async () => {
    const sql = await start();
    const settings = await Promise.all(
      ['journal_mode', 'synchronous', 'locking_mode'].map((name) => sql.read(`PRAGMA ${name}`)),
    );
    expect(settings.flat(2)).toEqual(['wal', 2n, 'exclusive']);
  });

  it('asks for the statements of a function when the turn ends', async () => {
    const sql = await start();
    await sql.write([['CREATE TABLE t (n INTEGER) STRICT']]);
    const values = [1];
    const written = sql.write(() => values.map((n) => ['INSERT INTO t VALUES (?)', n] as const));
    values.push(2);
    expect(await written).toBe(2);
  });

  it('answers what was handed over in the turn it is closed in, and nothing afterwards', async () => {
    const sql = await start();
    const written = sql.write([['CREATE TABLE t (n INTEGER) STRICT']]);
    const closed = sql.close();
    await expect(sql.read('SELECT 1')).rejects.toThrow('closed');
    await expect(written).resolves.toBe(0);
    await closed;
  });

  it('that dies fails what waits for it and all that comes after, and says so once', async () => {
    const lost: string[] = [];
    const dies = script(`${OPENS} parentPort.on('message', () => { throw new Error('out of memory'); });`);
    const sql = await start({ script: dies, onLost: (error) => lost.push(error.message) });
    const waiting = [sql.write([['SELECT 1']]), sql.read('SELECT 1')];
    for (const { reason } of (await Promise.allSettled(waiting)) as PromiseRejectedResult[]) {
      expect(reason).toMatchObject({ message: 'out of memory' });
    }
    await expect(sql.read('SELECT 1')).rejects.toThrow('out of memory');
    await sql.close();
    expect(lost).toEqual(['out of memory']);
  });

  it('that ends by itself fails what waits for it', async () => {
    const ends = script(`${OPENS} parentPort.once('message', () => parentPort.close());`);
    const sql = await start({ script: ends });
    await expect(sql.read('SELECT 1')).rejects.toThrow('The thread of the database ended.');
  });

  it('says what to do where the native library is missing', async () => {
    const bare = join(await folder.make(), 'thread');
    await mkdir(bare);
    for (const name of ['worker.js', 'run-group.js', 'libsql-driver.js']) {
      await copyFile(new URL(name, import.meta.url), join(bare, name));
    }
    await copyFile(new URL('../../../package.json', import.meta.url), join(bare, 'package.json'));
    const failure: unknown = await start({ script: pathToFileURL(join(bare, 'worker.js')) }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(ThreadStartError);
    if (!(failure instanceof ThreadStartError)) return;
    expect(failure).toMatchObject({ stage: 'native', message: expect.stringContaining('libsql') });
    const told = noNativeModule(failure);
    expect(told.reason).toBe('native');
    expect(told.message).toMatch(/npm install/);
    expect(told.message).toMatch(/:memory:/);
    expect(told.message).not.toMatch(/\n/);
  });
});
