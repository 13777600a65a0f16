import {
  type AuditEntry,
  type AuditQuery,
  type Change,
  type DenialCount,
  type HistoryItem,
  type HistoryQuery,
  type Log,
  type LogHead,
  type Publication,
  type Store,
  StoreFullError,
  type StoreState,
  type Timetoken,
} from '@portcullis/engine';
import { raiseEpoch, STATE_QUERIES, toCommands, toState } from './authority-sql.ts';
import {
  countChannels,
  SWEEP,
  selectHead,
  selectHistory,
  toHead,
  toItemCommands,
  toPublication,
  trimShelf,
} from './history-sql.ts';
import type { Command, SqlThread, WriteOptions } from './thread/sql-thread.ts';
import {
  addDenials,
  addEntry,
  selectDenials,
  selectEntries,
  toDenials,
  toEntry,
  trimDenials,
  trimEntries,
} from './trail-sql.ts';
import { TrimPlan } from './trim-plan.ts';

export interface SqliteStoreDeps {
  readonly log: Log;
  readonly auditEntries: number;
  readonly denialMinutes: number;
  readonly denialRows: number;
}

/** Entries of the audit trail between two trimmings, and how many one takes away: it catches up, a little at a time. */
const AUDIT_SLACK = 64;
const AUDIT_TRIM = 1_024;

/** The store in a SQLite file. Every method hands its statements over in the turn it is called in; a thread runs them. */
export class SqliteStore implements Store {
  readonly #sql: SqlThread;
  readonly #deps: SqliteStoreDeps;
  readonly #trims = new TrimPlan();
  /** Heads that the appends since the last other call raise, by channel: written once for all of them, and before them. */
  #heads: Map<string, { readonly timetoken: Timetoken; readonly command: Command }> | null = null;
  /** Entries of the audit trail written by this process. */
  #audited = 0;
  #sweeping = false;
  #closed = false;

  private constructor(sql: SqlThread, deps: SqliteStoreDeps) {
    this.#sql = sql;
    this.#deps = deps;
  }

  /** The tables have to be there. Goes on with what a process before had not swept away. */
  static async over(sql: SqlThread, deps: SqliteStoreDeps): Promise<SqliteStore> {
    const store = new SqliteStore(sql, deps);
    const retired = await sql.read('SELECT 1 FROM retired LIMIT 1');
    if (retired.length > 0) store.#sweep();
    return store;
  }

  async load(): Promise<StoreState> {
    const [apps, authority, groups, numbers] = await Promise.all([
      this.#read(STATE_QUERIES.apps),
      this.#read(STATE_QUERIES.authority),
      this.#read(STATE_QUERIES.groups),
      this.#read(STATE_QUERIES.numbers),
    ]);
    return toState({ apps, authority, groups, numbers });
  }

  async commit(app: string, epoch: number, changes: readonly Change[]): Promise<void> {
    const commands = changes.flatMap((change) => toCommands(app, change));
    await this.#write([raiseEpoch(app, epoch), ...commands], {
      guarded: true,
      refusal: () => new Error(`Policy epoch ${epoch} of app ${app} is not above the stored one.`),
    });
    if (changes.some(({ type }) => type === 'app.delete')) this.#sweep();
  }

  async append({ publication, keep }: HistoryItem): Promise<void> {
    const { channel, head, item, shelf } = toItemCommands(publication);
    const counted = `${channel.length}:${channel}${shelf}`;
    if (this.#trims.isDue(counted, keep)) this.#tidy([trimShelf(publication, shelf, keep)]);
    this.#raiseHead(channel, { timetoken: publication.timetoken, command: head });
    const refusal = () => new Error(`Timetoken ${publication.timetoken} is taken in channel ${publication.channel}.`);
    const written = this.#sql.write([item], { refusal });
    try {
      await written;
    } catch (error) {
      // There may be room for the next one when the shelf has been trimmed.
      if (error instanceof StoreFullError) this.#trims.hasten(counted);
      throw error;
    }
  }

  async history(query: HistoryQuery): Promise<readonly Publication[]> {
    const rows = await this.#read(...selectHistory(query));
    return rows.map((row) => toPublication(query, row));
  }

  async head(app: string, channel: string): Promise<LogHead | null> {
    const [row] = await this.#read(...selectHead(app, channel));
    return row ? toHead(row) : null;
  }

  async keptChannels(app: string): Promise<number> {
    const [row] = await this.#read(...countChannels(app));
    return Number(row?.[0] ?? 0);
  }

  async audit(entry: AuditEntry): Promise<void> {
    const written = this.#write([addEntry(entry)]);
    // The first of a process trims too: an earlier one may have been allowed more.
    if (this.#audited % AUDIT_SLACK === 0) this.#tidy([trimEntries(this.#deps.auditEntries, AUDIT_TRIM)]);
    this.#audited += 1;
    await written;
  }

  async auditTrail(query: AuditQuery): Promise<readonly (AuditEntry & { readonly id: number })[]> {
    return (await this.#read(...selectEntries(query))).map(toEntry);
  }

  async countDenials(counts: readonly DenialCount[]): Promise<void> {
    if (counts.length === 0) return;
    const newest = counts.reduce((minute, count) => Math.max(minute, count.minute), 0);
    const { denialMinutes, denialRows } = this.#deps;
    await this.#write([...counts.map(addDenials), ...trimDenials(newest - denialMinutes, denialRows)]);
  }

  async denials(app: string, sinceMinute: number): Promise<readonly DenialCount[]> {
    return (await this.#read(...selectDenials(app, sinceMinute))).map((row) => toDenials(app, row));
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#sql.close();
  }

  /** What stands between two appends parts their heads too: an app may be deleted there. */
  #write(commands: readonly Command[], options: WriteOptions = {}): Promise<number> {
    this.#heads = null;
    return this.#sql.write(commands, options);
  }

  #read(...command: Command) {
    this.#heads = null;
    return this.#sql.read(...command);
  }

  #raiseHead(channel: string, head: { readonly timetoken: Timetoken; readonly command: Command }): void {
    if (this.#heads) {
      const before = this.#heads.get(channel);
      if (!before || before.timetoken < head.timetoken) this.#heads.set(channel, head);
      return;
    }
    const heads = new Map([[channel, head]]);
    this.#heads = heads;
    const raised = this.#sql.write(() => {
      if (this.#heads === heads) this.#heads = null;
      return [...heads.values()].map(({ command }) => command);
    });
    // The items themselves fail in the same transaction, and say so.
    raised.catch(() => {});
  }

  /** Housekeeping: nobody waits for it, and it comes round again. */
  #tidy(commands: readonly Command[]): void {
    this.#sql.write(commands).catch((error: unknown) => this.#deps.log.debug('store.tidying-failed', { error }));
  }

  /** Takes away a little of what deleted apps left, and again until nothing is left; other calls go between. */
  #sweep(): void {
    if (this.#sweeping || this.#closed) return;
    this.#sweeping = true;
    this.#sql.write(SWEEP).then(
      (changed) => {
        this.#sweeping = false;
        if (changed > 0) this.#sweep();
      },
      (error: unknown) => {
        this.#sweeping = false;
        if (!this.#closed) this.#deps.log.warn('store.sweeping-failed', { error });
      },
    );
  }
}
