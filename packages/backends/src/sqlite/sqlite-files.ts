import type { FileRow, FileState, FilesQuery, StoreFiles } from '@portcullis/engine';
import { atMost } from './integers.ts';
import { fromText, toText } from './sql-text.ts';
import type { StoreCalls } from './store-calls.ts';
import type { Row } from './thread/protocol.ts';
import type { Command } from './thread/sql-thread.ts';

/** Answers of the sweeps are cut off here. */
const MOST_EXPIRED = 1_000;

const COLUMNS = 'app, channel, id, name, size, type, created_at, state, audience, expires_at';
const INSERT = `INSERT INTO files (${COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
  ON CONFLICT (app, channel, id, name) DO`;
const PUT = `${INSERT} UPDATE SET size = excluded.size, type = excluded.type, created_at = excluded.created_at,
  state = excluded.state, audience = excluded.audience, expires_at = excluded.expires_at`;
const PUT_NEW = `${INSERT} NOTHING`;
const PUT_OVER = `UPDATE files
  SET size = ?5, type = ?6, created_at = ?7, state = ?8, audience = ?9, expires_at = ?10
  WHERE app = ?1 AND channel = ?2 AND id = ?3 AND name = ?4 AND state = ?11`;

const ONE = 'app = ? AND channel = ? AND id = ? AND name = ?';

const PAGE = `SELECT ${COLUMNS} FROM files
  WHERE app = ? AND channel = ? AND state = 'stored' AND (created_at, id, name) < (?, ?, ?)
  ORDER BY created_at DESC, id DESC, name DESC LIMIT ?`;

const EXPIRED = `SELECT ${COLUMNS} FROM files WHERE state = ? AND expires_at <= ? ORDER BY expires_at LIMIT ?`;

/** The index of files. */
export class SqliteFiles implements StoreFiles {
  readonly #calls: StoreCalls;

  constructor(calls: StoreCalls) {
    this.#calls = calls;
  }

  async putFile(row: FileRow, expected?: FileState | null): Promise<'put' | 'conflict'> {
    return (await this.#calls.write([putting(row, expected)])) > 0 ? 'put' : 'conflict';
  }

  async file(app: string, channel: string, id: string, name: string): Promise<FileRow | null> {
    const one = `SELECT ${COLUMNS} FROM files WHERE ${ONE}`;
    const [row] = await this.#calls.read(one, toText(app), toText(channel), toText(id), toText(name));
    return row ? toFile(row) : null;
  }

  async files(app: string, channel: string, { after, limit }: FilesQuery): Promise<readonly FileRow[]> {
    const { createdAt, id, name } = after ?? { createdAt: Number.MAX_SAFE_INTEGER, id: '', name: '' };
    const place = [createdAt, toText(id), toText(name)] as const;
    const rows = await this.#calls.read(PAGE, toText(app), toText(channel), ...place, atMost(limit));
    return rows.map(toFile);
  }

  async deleteFile(app: string, channel: string, id: string, name: string): Promise<boolean> {
    const one = [toText(app), toText(channel), toText(id), toText(name)] as const;
    return (await this.#calls.write([[`DELETE FROM files WHERE ${ONE}`, ...one]])) > 0;
  }

  async expiredPromises(now: number): Promise<readonly FileRow[]> {
    return this.#expired('promised', now);
  }

  async expiredFiles(now: number): Promise<readonly FileRow[]> {
    return this.#expired('stored', now);
  }

  async fileTotals(app: string): Promise<{ readonly count: number; readonly bytes: number }> {
    const totals = 'SELECT count(*), coalesce(sum(size), 0) FROM files WHERE app = ?';
    const [row] = await this.#calls.read(totals, toText(app));
    return { count: Number(row?.[0] ?? 0), bytes: Number(row?.[1] ?? 0) };
  }

  async #expired(state: FileState, now: number): Promise<readonly FileRow[]> {
    return (await this.#calls.read(EXPIRED, state, now, MOST_EXPIRED)).map(toFile);
  }
}

function putting(row: FileRow, expected: FileState | null | undefined): Command {
  const values = [
    toText(row.app),
    toText(row.channel),
    toText(row.id),
    toText(row.name),
    row.size,
    toText(row.type),
    Math.trunc(row.createdAt),
    row.state,
    JSON.stringify(row.audience),
    row.expiresAt === null ? null : Math.ceil(row.expiresAt),
  ] as const;
  if (expected === undefined) return [PUT, ...values];
  if (expected === null) return [PUT_NEW, ...values];
  return [PUT_OVER, ...values, expected];
}

function toFile([app, channel, id, name, size, type, createdAt, state, audience, expiresAt]: Row): FileRow {
  return {
    app: fromText(String(app)),
    channel: fromText(String(channel)),
    id: fromText(String(id)),
    name: fromText(String(name)),
    size: Number(size),
    type: fromText(String(type)),
    createdAt: Number(createdAt),
    state: state === 'stored' ? 'stored' : 'promised',
    audience: JSON.parse(String(audience)),
    expiresAt: expiresAt === null || expiresAt === undefined ? null : Number(expiresAt),
  };
}
