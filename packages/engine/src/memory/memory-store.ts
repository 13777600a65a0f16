import type { LogHead } from '../ports/broker.ts';
import type {
  AuditEntry,
  AuditQuery,
  Change,
  DenialCount,
  HistoryItem,
  HistoryQuery,
  Store,
  StoreState,
} from '../ports/store.ts';
import type { Publication } from '../publication.ts';
import { MemoryActions } from './memory-actions.ts';
import { MemoryAuthority } from './memory-authority.ts';
import { MemoryDenials } from './memory-denials.ts';
import { MemoryFiles } from './memory-files.ts';
import { MemoryHistory } from './memory-history.ts';
import { MemoryObjects } from './memory-objects.ts';
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

  async commit(app: string, epoch: number, changes: readonly Change[]): Promise<void> {
    const { authority, history, objects, files, denials } = this.#open();
    authority.commit(app, epoch, changes);
    if (!changes.some(({ type }) => type === 'app.delete')) return;
    for (const kept of [history, objects, files, denials]) kept.deleteApp(app);
  }

  async append(item: HistoryItem): Promise<void> {
    this.#open().history.append(item);
  }

  async history(query: HistoryQuery): Promise<readonly Publication[]> {
    return this.#open().history.query(query);
  }

  async head(app: string, channel: string): Promise<LogHead | null> {
    return this.#open().history.head(app, channel);
  }

  async keptChannels(app: string): Promise<number> {
    return this.#open().history.channelCount(app);
  }

  readonly range: Store['range'] = async (query) => this.#open().history.range(query);
  readonly deleteRange: Store['deleteRange'] = async (deletion) => this.#open().history.deleteRange(deletion);
  readonly message: Store['message'] = async (app, channel, timetoken, now) =>
    this.#open().history.message(app, channel, timetoken, now);

  readonly addAction: Store['addAction'] = async (action) => this.#open().actions.add(action);
  readonly actions: Store['actions'] = async (query) => this.#open().actions.list(query);
  readonly actionsOf: Store['actionsOf'] = async (...which) => this.#open().actions.of(...which);
  readonly action: Store['action'] = async (...which) => this.#open().actions.find(...which);
  readonly removeAction: Store['removeAction'] = async (...which) => this.#open().actions.remove(...which);

  readonly object: Store['object'] = async (...which) => this.#open().objects.object(...which);
  readonly putObject: Store['putObject'] = async (...row) => this.#open().objects.put(...row);
  readonly deleteObject: Store['deleteObject'] = async (...which) => this.#open().objects.delete(...which);
  readonly objects: Store['objects'] = async (...which) => this.#open().objects.page(...which);
  readonly countObjects: Store['countObjects'] = async (...which) => this.#open().objects.count(...which);
  readonly membership: Store['membership'] = async (app, key) => this.#open().objects.membership(app, key);
  readonly putMemberships: Store['putMemberships'] = async (app, rows) =>
    this.#open().objects.putMemberships(app, rows);
  readonly deleteMemberships: Store['deleteMemberships'] = async (app, keys) =>
    this.#open().objects.deleteMemberships(app, keys);
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

  #open(): Kept {
    if (this.#closed) throw new Error('The store is closed.');
    return this.#kept;
  }
}
