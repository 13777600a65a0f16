import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Log, Store } from '@portcullis/engine';
import { APPLICATION_ID, type Found, inspectFile, sizeOf } from './inspect-file.ts';
import { migrate } from './migrate.ts';
import { damaged, folderUnusable, locked, noNativeModule } from './open-error.ts';
import { SqliteStore } from './sqlite-store.ts';
import { ThreadStartError } from './thread/sql-errors.ts';
import { SqlThread } from './thread/sql-thread.ts';

export interface SqliteStoreOptions {
  /** The data folder; made if there is none. One server at a time has it open. */
  readonly folder: string;
  readonly log: Log;
  /** The largest size of the database in bytes, log aside: past it, what adds to it is refused as on a full disk. Absent: the disk's. */
  readonly maxBytes?: number;
  /** A file up to so many bytes is read through for damage when it is opened; 256 MiB. Larger ones only where they are used. */
  readonly checkBytes?: number;
  /** Entries of the audit trail that are kept at least; 1 000 000. Older ones go little by little. */
  readonly auditEntries?: number;
  /** Minutes for which counts of denials are kept; a week. */
  readonly denialMinutes?: number;
  /** Counts of denials that are kept at most; 100 000. */
  readonly denialRows?: number;
}

/** SQLite's default page, in bytes. */
const PAGE_BYTES = 4096;
const CHECK_BYTES = 256 * 1024 * 1024;

/** Two servers that start together can each keep the other out: both let go, and one is sooner the next time. */
const LOCK_ATTEMPTS = 4;
/** ms, give or take half. */
const LOCK_PAUSE = 100;

/** SQLite's primary result codes. */
const BUSY = new Set([5 /* BUSY */, 6 /* LOCKED */, 15 /* PROTOCOL */]);
const BROKEN = new Set([11 /* CORRUPT */, 26 /* NOTADB */]);

/**
 * Opens the store in a folder, or makes it. What a crash left half written is repaired; rejects with a
 * `StoreOpenError` when the folder is another server's, or the file damaged, foreign or of a newer version.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const folder = resolve(options.folder);
  const file = join(folder, 'portcullis.db');
  const found = await inspectFile(folder, file);
  const sql = await startThread(folder, file, options);
  try {
    await check(sql, file, options);
    await migrate(sql, { file, log: options.log });
    const store = await SqliteStore.over(sql, {
      log: options.log,
      auditEntries: options.auditEntries ?? 1_000_000,
      denialMinutes: options.denialMinutes ?? 7 * 24 * 60,
      denialRows: options.denialRows ?? 100_000,
    });
    report(found, file, options.log);
    return store;
  } catch (error) {
    await sql.close();
    throw error;
  }
}

async function startThread(folder: string, file: string, options: SqliteStoreOptions): Promise<SqlThread> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryThread(file, options);
    } catch (error) {
      if (!(error instanceof ThreadStartError)) throw error;
      if (error.stage === 'native') throw noNativeModule(error);
      if (BROKEN.has(error.code)) throw damaged(file, error.message);
      if (!BUSY.has(error.code)) throw folderUnusable(folder, error);
      if (attempt === LOCK_ATTEMPTS) throw locked(folder);
      await setTimeout(LOCK_PAUSE * (0.5 + Math.random()));
    }
  }
}

function tryThread(file: string, { log, maxBytes }: SqliteStoreOptions): Promise<SqlThread> {
  return SqlThread.start({
    file,
    applicationId: APPLICATION_ID,
    maxPages: maxBytes === undefined ? null : Math.max(1, Math.floor(maxBytes / PAGE_BYTES)),
    onLost: (error) => log.error('store.lost', { file, error }),
  });
}

/** Finds the damage of a torn write before anything is built on it. */
async function check(
  sql: SqlThread,
  file: string,
  { checkBytes = CHECK_BYTES, log }: SqliteStoreOptions,
): Promise<void> {
  const size = await sizeOf(file);
  if (size > checkBytes) {
    log.info('store.check-skipped', { file, bytes: size, checkBytes });
    return;
  }
  const [verdict] = await readSound(sql, file, 'PRAGMA quick_check(1)');
  if (verdict?.[0] !== 'ok') throw damaged(file, String(verdict?.[0]).replaceAll(/\s+/g, ' '));
}

async function readSound(sql: SqlThread, file: string, query: string) {
  try {
    return await sql.read(query);
  } catch (error) {
    throw damaged(file, error instanceof Error ? error.message : String(error));
  }
}

function report({ isNew, leftover }: Found, file: string, log: Log): void {
  if (leftover > 0) log.warn('store.recovered', { file, walBytes: leftover });
  log.info('store.opened', { file, isNew });
}
