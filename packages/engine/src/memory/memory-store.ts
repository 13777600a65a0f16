import type { LogHead } from '../ports/broker.ts';
import type {
  AuditEntry,
  AuditQuery,
  Change,
  DenialCount,
  HistoryItem,
  HistoryQuery,
  KeyedItem,
  KeyedQuery,
  Store,
  StoreState,
} from '../ports/store.ts';
import type { MembershipKey } from '../ports/store-objects.ts';
import type { Told } from '../ports/store-outbox.ts';
import type { Publication } from '../publication.ts';
import { MemoryActions } from './memory-actions.ts';
import { MemoryAuthority } from './memory-authority.ts';
import { MemoryDenials } from './memory-denials.ts';
import { MemoryFiles } from './memory-files.ts';
import { MemoryHistory } from './memory-history.ts';
import { MemoryObjects } from './memory-objects.ts';
import { MemoryOutbox } from './memory-outbox.ts';
import { MemoryTrail } from './memory-trail.ts';

export interface MemoryStoreOptions {
  /** Entries of the audit trail that are kept; 10 000. */
  readonly auditEntries?: number;
  /** Minutes for which counts of denials are kept; a week. */
  readonly denialMinutes?: number;
  /** Counts of denials that are kept at most; 100 000. */
  readonly denialRows?: number;
}

interface Kept {
  readonly authority: MemoryAuthority;
  readonly history: MemoryHistory;
  readonly actions: MemoryActions;
  readonly objects: MemoryObjects;
  readonly files: MemoryFiles;
  readonly outbox: MemoryOutbox;
  readonly trail: MemoryTrail;
  readonly denials: MemoryDenials;
}

/** A store that keeps the order and the answers of a durable one, and nothing beyond the process. */
export class MemoryStore implements Store {
  readonly #kept: Kept;
  #closed = false;

  constructor(options: MemoryStoreOptions = {}) {
    const history = new MemoryHistory();
    this.#kept = {
      authority: new MemoryAuthority(),
      history,
      actions: new MemoryActions(history),
      objects: new MemoryObjects(),
      files: new MemoryFiles(),
      outbox: new MemoryOutbox(),
      trail: new MemoryTrail(options.auditEntries ?? 10_000),
      denials: new MemoryDenials({
        minutes: options.denialMinutes ?? 7 * 24 * 60,
        rows: options.denialRows ?? 100_000,
      }),
    };
  }

  async load(): Promise<StoreState> {
    const { authority, history } = this.#open();
    return { apps: authority.apps(), timetoken: history.newest, nextId: authority.nextId };
  }

  async commit(app: string, epoch: number, changes: readonly Change[], told?: Told): Promise<void> {
    const { authority, history, objects, files, outbox, denials, trail } = this.#open();
    authority.commit(app, epoch, changes);
    outbox.add(told);
    for (const change of changes) if (change.type === 'trail') trail.add(change.entry);
    if (!changes.some(({ type }) => type === 'app.delete')) return;
    for (const kept of [history, objects, files, outbox, denials]) kept.deleteApp(app);
  }

  async append(item: HistoryItem, told?: Told): Promise<void> {
    this.#open().history.append(item);
    this.#open().outbox.add(told);
  }

  async history(query: HistoryQuery): Promise<readonly Publication[]> {
    return this.#open().history.query(query);
  }

  async head(app: string, channel: string): Promise<LogHead | null> {
    return this.#open().history.head(app, channel);
  }

  async keyed(query: KeyedQuery): Promise<readonly KeyedItem[]> {
    return this.#open().history.keyed(query);
  }

  async keptChannels(app: string): Promise<number> {
    return this.#open().history.channelCount(app);
  }

  readonly range: Store['range'] = async (query) => this.#open().history.range(query);
  readonly deleteRange: Store['deleteRange'] = async (deletion) => this.#open().history.deleteRange(deletion);
  readonly message: Store['message'] = async (app, channel, timetoken, now) =>
    this.#open().history.message(app, channel, timetoken, now);

  readonly addAction: Store['addAction'] = async (action, told) =>
    this.#told(this.#open().actions.add(action), 'added', told);
  readonly actions: Store['actions'] = async (query) => this.#open().actions.list(query);
  readonly actionsOf: Store['actionsOf'] = async (...which) => this.#open().actions.of(...which);
  readonly action: Store['action'] = async (...which) => this.#open().actions.find(...which);
  readonly removeAction: Store['removeAction'] = async (app, channel, message, timetoken, told) =>
    this.#told(this.#open().actions.remove(app, channel, message, timetoken), true, told);

  readonly object: Store['object'] = async (...which) => this.#open().objects.object(...which);
  readonly putObject: Store['putObject'] = async (app, kind, row, expected, told) =>
    this.#told(this.#open().objects.put(app, kind, row, expected), 'put', told);
  readonly deleteObject: Store['deleteObject'] = async (app, kind, id, told) =>
    this.#told(this.#open().objects.delete(app, kind, id), true, told);
  readonly objects: Store['objects'] = async (...which) => this.#open().objects.page(...which);
  readonly countObjects: Store['countObjects'] = async (...which) => this.#open().objects.count(...which);
  readonly membership: Store['membership'] = async (app, key) => this.#open().objects.membership(app, key);
  readonly putMemberships: Store['putMemberships'] = async (app, rows, told) =>
    this.#told(this.#open().objects.putMemberships(app, rows), 'put', told);
  readonly deleteMemberships: Store['deleteMemberships'] = async (app, keys, told) => {
    const gone = this.#open().objects.deleteMemberships(app, keys);
    if (told) this.#open().outbox.add(gone.flatMap((row: MembershipKey) => told(row)));
    return gone;
  };
  readonly memberships: Store['memberships'] = async (...which) => this.#open().objects.memberships(...which);
  readonly countMemberships: Store['countMemberships'] = async (app, of) =>
    this.#open().objects.countMemberships(app, of);

  readonly putFile: Store['putFile'] = async (...row) => this.#open().files.put(...row);
  readonly file: Store['file'] = async (...which) => this.#open().files.file(...which);
  readonly files: Store['files'] = async (...which) => this.#open().files.page(...which);
  readonly deleteFile: Store['deleteFile'] = async (...which) => this.#open().files.delete(...which);
  readonly expiredPromises: Store['expiredPromises'] = async (now) => this.#open().files.expired('promised', now);
  readonly expiredFiles: Store['expiredFiles'] = async (now) => this.#open().files.expired('stored', now);
  readonly fileTotals: Store['fileTotals'] = async (app) => this.#open().files.totals(app);

  readonly enqueue: Store['enqueue'] = async (entries) => this.#open().outbox.add(entries);
  readonly waiting: Store['waiting'] = async (query) => this.#open().outbox.page(query);
  readonly settle: Store['settle'] = async (app, action, result) => this.#open().outbox.settle(app, action, result);
  readonly outboxTotals: Store['outboxTotals'] = async () => this.#open().outbox.totals();
  readonly dropWaiting: Store['dropWaiting'] = async (app, action) => this.#open().outbox.drop(app, action);
  readonly deadLetters: Store['deadLetters'] = async (query) => this.#open().outbox.letters(query);
  readonly countDeadLetters: Store['countDeadLetters'] = async (app) => this.#open().outbox.countLetters(app);
  readonly replayLetters: Store['replayLetters'] = async (app, moves) => this.#open().outbox.replay(app, moves);
  readonly deleteLetters: Store['deleteLetters'] = async (app, seqs) => this.#open().outbox.deleteLetters(app, seqs);
  readonly trimLetters: Store['trimLetters'] = async (app, keep) => this.#open().outbox.trimLetters(app, keep);
  readonly putListener: Store['putListener'] = async (listener) => this.#open().outbox.putListener(listener);
  readonly deleteListener: Store['deleteListener'] = async (app, name) => this.#open().outbox.deleteListener(app, name);
  readonly listeners: Store['listeners'] = async () => this.#open().outbox.listeners();

  async audit(entry: AuditEntry): Promise<void> {
    this.#open().trail.add(entry);
  }

  async auditTrail(query: AuditQuery): Promise<readonly (AuditEntry & { readonly id: number })[]> {
    return this.#open().trail.page(query);
  }

  async countDenials(counts: readonly DenialCount[]): Promise<void> {
    this.#open().denials.add(counts);
  }

  async denials(app: string, sinceMinute: number): Promise<readonly DenialCount[]> {
    return this.#open().denials.since(app, sinceMinute);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  /** What was told is kept if what happened was. */
  #told<T>(answer: T, happened: T, told: Told | undefined): T {
    if (answer === happened) this.#open().outbox.add(told);
    return answer;
  }

  #open(): Kept {
    if (this.#closed) throw new Error('The store is closed.');
    return this.#kept;
  }
}
