import type { AuditEntry, AuditQuery, Change, DenialCount, Log, Store, StoreState, Told } from '@portcullis/engine';
import { raiseEpoch, STATE_QUERIES, toCommands, toState } from './authority-sql.ts';
import { SWEEP } from './history-sql.ts';
import { addEntries } from './outbox-sql.ts';
import { SqliteActions } from './sqlite-actions.ts';
import { SqliteFiles } from './sqlite-files.ts';
import { SqliteHistory } from './sqlite-history.ts';
import { SqliteObjects } from './sqlite-objects.ts';
import { SqliteOutbox } from './sqlite-outbox.ts';
import { StoreCalls } from './store-calls.ts';
import type { SqlThread } from './thread/sql-thread.ts';
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
  readonly #calls: StoreCalls;
  readonly #deps: SqliteStoreDeps;
  readonly #history: SqliteHistory;
  readonly #actions: SqliteActions;
  readonly #objects: SqliteObjects;
  readonly #files: SqliteFiles;
  readonly #outbox: SqliteOutbox;
  /** Entries of the audit trail written by this process. */
  #audited = 0;
  #sweeping = false;

  private constructor(sql: SqlThread, deps: SqliteStoreDeps) {
    this.#deps = deps;
    this.#calls = new StoreCalls(sql, deps.log);
    this.#history = new SqliteHistory(this.#calls);
    this.#actions = new SqliteActions(this.#calls);
    this.#objects = new SqliteObjects(this.#calls);
    this.#files = new SqliteFiles(this.#calls);
    this.#outbox = new SqliteOutbox(this.#calls);
  }

  /** The tables have to be there. Goes on with what a process before had not swept away. */
  static async over(sql: SqlThread, deps: SqliteStoreDeps): Promise<SqliteStore> {
    const store = new SqliteStore(sql, deps);
    const retired = await sql.read('SELECT 1 FROM retired LIMIT 1');
    if (retired.length > 0) store.#sweep();
    return store;
  }

  async load(): Promise<StoreState> {
    const [apps, authority, groups, triggers, numbers] = await Promise.all([
      this.#calls.read(STATE_QUERIES.apps),
      this.#calls.read(STATE_QUERIES.authority),
      this.#calls.read(STATE_QUERIES.groups),
      this.#calls.read(STATE_QUERIES.triggers),
      this.#calls.read(STATE_QUERIES.numbers),
    ]);
    return toState({ apps, authority, groups, triggers, numbers });
  }

  async commit(app: string, epoch: number, changes: readonly Change[], told?: Told): Promise<void> {
    const commands = changes.flatMap((change) => toCommands(app, change));
    const written = this.#calls.write([raiseEpoch(app, epoch), ...commands, ...addEntries(told)], {
      guarded: true,
      soon: true,
      refusal: () => new Error(`Policy epoch ${epoch} of app ${app} is not above the stored one.`),
    });
    for (const { type } of changes) if (type === 'trail') this.#trimTrail();
    await written;
    if (changes.some(({ type }) => type === 'app.delete')) this.#sweep();
  }

  readonly append: Store['append'] = (...item) => this.#history.append(...item);
  readonly history: Store['history'] = (query) => this.#history.history(query);
  readonly head: Store['head'] = (...which) => this.#history.head(...which);
  readonly keyed: Store['keyed'] = (query) => this.#history.keyed(query);
  readonly keptChannels: Store['keptChannels'] = (app) => this.#history.keptChannels(app);
  readonly range: Store['range'] = (query) => this.#history.range(query);
  readonly deleteRange: Store['deleteRange'] = (deletion) => this.#history.deleteRange(deletion);
  readonly message: Store['message'] = (...which) => this.#history.message(...which);

  readonly addAction: Store['addAction'] = (...action) => this.#actions.addAction(...action);
  readonly actions: Store['actions'] = (query) => this.#actions.actions(query);
  readonly actionsOf: Store['actionsOf'] = (...which) => this.#actions.actionsOf(...which);
  readonly action: Store['action'] = (...which) => this.#actions.action(...which);
  readonly removeAction: Store['removeAction'] = (...which) => this.#actions.removeAction(...which);

  readonly object: Store['object'] = (...which) => this.#objects.object(...which);
  readonly putObject: Store['putObject'] = (...row) => this.#objects.putObject(...row);
  readonly deleteObject: Store['deleteObject'] = (...which) => this.#objects.deleteObject(...which);
  readonly objects: Store['objects'] = (...which) => this.#objects.objects(...which);
  readonly countObjects: Store['countObjects'] = (...which) => this.#objects.countObjects(...which);
  readonly membership: Store['membership'] = (...which) => this.#objects.membership(...which);
  readonly putMemberships: Store['putMemberships'] = (...rows) => this.#objects.putMemberships(...rows);
  readonly deleteMemberships: Store['deleteMemberships'] = (...which) => this.#objects.deleteMemberships(...which);
  readonly memberships: Store['memberships'] = (...which) => this.#objects.memberships(...which);
  readonly countMemberships: Store['countMemberships'] = (...which) => this.#objects.countMemberships(...which);

  readonly putFile: Store['putFile'] = (...row) => this.#files.putFile(...row);
  readonly file: Store['file'] = (...which) => this.#files.file(...which);
  readonly files: Store['files'] = (...which) => this.#files.files(...which);
  readonly deleteFile: Store['deleteFile'] = (...which) => this.#files.deleteFile(...which);
  readonly expiredPromises: Store['expiredPromises'] = (now) => this.#files.expiredPromises(now);
  readonly expiredFiles: Store['expiredFiles'] = (now) => this.#files.expiredFiles(now);
  readonly fileTotals: Store['fileTotals'] = (app) => this.#files.fileTotals(app);

  readonly enqueue: Store['enqueue'] = (entries) => this.#outbox.enqueue(entries);
  readonly waiting: Store['waiting'] = (query) => this.#outbox.waiting(query);
  readonly settle: Store['settle'] = (...what) => this.#outbox.settle(...what);
  readonly outboxTotals: Store['outboxTotals'] = () => this.#outbox.outboxTotals();
  readonly dropWaiting: Store['dropWaiting'] = (...which) => this.#outbox.dropWaiting(...which);
  readonly deadLetters: Store['deadLetters'] = (query) => this.#outbox.deadLetters(query);
  readonly countDeadLetters: Store['countDeadLetters'] = (app) => this.#outbox.countDeadLetters(app);
  readonly replayLetters: Store['replayLetters'] = (...which) => this.#outbox.replayLetters(...which);
  readonly deleteLetters: Store['deleteLetters'] = (...which) => this.#outbox.deleteLetters(...which);
  readonly trimLetters: Store['trimLetters'] = (...which) => this.#outbox.trimLetters(...which);
  readonly putListener: Store['putListener'] = (listener) => this.#outbox.putListener(listener);
  readonly deleteListener: Store['deleteListener'] = (...which) => this.#outbox.deleteListener(...which);
  readonly listeners: Store['listeners'] = () => this.#outbox.listeners();

  async audit(entry: AuditEntry): Promise<void> {
    const written = this.#calls.write([addEntry(entry)]);
    this.#trimTrail();
    await written;
  }

  async auditTrail(query: AuditQuery): Promise<readonly (AuditEntry & { readonly id: number })[]> {
    return (await this.#calls.read(...selectEntries(query))).map(toEntry);
  }

  async countDenials(counts: readonly DenialCount[]): Promise<void> {
    if (counts.length === 0) return;
    const newest = counts.reduce((minute, count) => Math.max(minute, count.minute), 0);
    const { denialMinutes, denialRows } = this.#deps;
    await this.#calls.write([...counts.map(addDenials), ...trimDenials(newest - denialMinutes, denialRows)]);
  }

  async denials(app: string, sinceMinute: number): Promise<readonly DenialCount[]> {
    return (await this.#calls.read(...selectDenials(app, sinceMinute))).map((row) => toDenials(app, row));
  }

  close(): Promise<void> {
    return this.#calls.close();
  }

  /** Behind each new entry of the trail. The first of a process trims too: an earlier one may have been allowed more. */
  #trimTrail(): void {
    if (this.#audited % AUDIT_SLACK === 0) this.#calls.tidy([trimEntries(this.#deps.auditEntries, AUDIT_TRIM)]);
    this.#audited += 1;
  }

  /** Takes away a little of what deleted apps left, and again until nothing is left; other calls go between. */
  #sweep(): void {
    if (this.#sweeping || this.#calls.closed) return;
    this.#sweeping = true;
    this.#calls.write(SWEEP).then(
      (changed) => {
        this.#sweeping = false;
        if (changed > 0) this.#sweep();
      },
      (error: unknown) => {
        this.#sweeping = false;
        if (!this.#calls.closed) this.#deps.log.warn('store.sweeping-failed', { error });
      },
    );
  }
}
