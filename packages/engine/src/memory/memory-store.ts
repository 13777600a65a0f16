import type { Ban, JsonObject, Revocation, Rule } from '@portcullis/policy';
import type { LogHead } from '../ports/broker.ts';
import type {
  AuditEntry,
  AuditQuery,
  Change,
  DenialCount,
  HistoryItem,
  HistoryQuery,
  Store,
  StoredApp,
  StoreState,
} from '../ports/store.ts';
import type { Publication } from '../publication.ts';
import { MemoryDenials } from './memory-denials.ts';
import { MemoryHistory } from './memory-history.ts';

/** Ids made here start at this one; those below belong to the file's rules. */
const FIRST_ID = 1_000_000;

export interface MemoryStoreOptions {
  /** Entries of the audit trail that are kept; 10 000. */
  readonly auditEntries?: number;
  /** Minutes for which counts of denials are kept; a week. */
  readonly denialMinutes?: number;
  /** Counts of denials that are kept at most; 100 000. */
  readonly denialRows?: number;
}

interface AppRecord {
  epoch: number;
  settings: JsonObject | null;
  readonly rules: Map<number, Rule>;
  readonly revocations: Map<number, Revocation>;
  readonly bans: Map<number, Ban>;
}

/** A store that keeps the order and the answers of a durable one, and nothing beyond the process. */
export class MemoryStore implements Store {
  readonly #apps = new Map<string, AppRecord>();
  readonly #history = new MemoryHistory();
  readonly #denials: MemoryDenials;
  readonly #auditEntries: number;
  readonly #audit: (AuditEntry & { readonly id: number })[] = [];
  #lastAudit = 0;
  #nextId = FIRST_ID;
  #closed = false;

  constructor(options: MemoryStoreOptions = {}) {
    this.#auditEntries = options.auditEntries ?? 10_000;
    this.#denials = new MemoryDenials({
      minutes: options.denialMinutes ?? 7 * 24 * 60,
      rows: options.denialRows ?? 100_000,
    });
  }

  async load(): Promise<StoreState> {
    this.#assertOpen();
    const apps = [...this.#apps].map(([app, record]) => toStoredApp(app, record));
    return { apps, timetoken: this.#history.newest, nextId: this.#nextId };
  }

  async commit(app: string, epoch: number, changes: readonly Change[]): Promise<void> {
    this.#assertOpen();
    const stored = this.#apps.get(app)?.epoch ?? Number.NEGATIVE_INFINITY;
    if (epoch <= stored) throw new Error(`Policy epoch ${epoch} of app ${app} is not above the stored one.`);
    const record = this.#apps.get(app) ?? emptyApp(epoch);
    this.#apps.set(app, record);
    record.epoch = epoch;
    for (const change of changes) this.#apply(app, record, change);
  }

  async append(item: HistoryItem): Promise<void> {
    this.#assertOpen();
    this.#history.append(item);
  }

  async history(query: HistoryQuery): Promise<readonly Publication[]> {
    this.#assertOpen();
    return this.#history.query(query);
  }

  async head(app: string, channel: string): Promise<LogHead | null> {
    this.#assertOpen();
    return this.#history.head(app, channel);
  }

  async keptChannels(app: string): Promise<number> {
    this.#assertOpen();
    return this.#history.channelCount(app);
  }

  async audit(entry: AuditEntry): Promise<void> {
    this.#assertOpen();
    this.#audit.push({ ...entry, id: ++this.#lastAudit });
    if (this.#audit.length > this.#auditEntries * 2) this.#audit.splice(0, this.#audit.length - this.#auditEntries);
  }

  async auditTrail(query: AuditQuery): Promise<readonly (AuditEntry & { readonly id: number })[]> {
    this.#assertOpen();
    const before = query.before ?? Number.POSITIVE_INFINITY;
    const entries = this.#audit.filter(({ id, app }) => id < before && (query.app === undefined || query.app === app));
    return entries.reverse().slice(0, Math.max(0, query.limit));
  }

  async countDenials(counts: readonly DenialCount[]): Promise<void> {
    this.#assertOpen();
    this.#denials.add(counts);
  }

  async denials(app: string, sinceMinute: number): Promise<readonly DenialCount[]> {
    this.#assertOpen();
    return this.#denials.since(app, sinceMinute);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #apply(app: string, record: AppRecord, change: Change): void {
    switch (change.type) {
      case 'app.put':
        record.settings = change.settings;
        return;
      case 'app.delete':
        record.settings = null;
        for (const kept of [record.rules, record.revocations, record.bans]) kept.clear();
        this.#history.deleteApp(app);
        this.#denials.deleteApp(app);
        return;
      case 'rule.put':
        this.#put(record.rules, change.rule);
        return;
      case 'rule.delete':
        record.rules.delete(change.id);
        return;
      case 'revocation.put':
        this.#put(record.revocations, change.revocation);
        return;
      case 'revocation.delete':
        record.revocations.delete(change.id);
        return;
      case 'ban.put':
        this.#put(record.bans, change.ban);
        return;
      case 'ban.delete':
        record.bans.delete(change.id);
        return;
      case 'outside':
        return;
    }
  }

  #put<T extends { readonly id: number }>(items: Map<number, T>, item: T): void {
    items.set(item.id, item);
    this.#nextId = Math.max(this.#nextId, item.id + 1);
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error('The store is closed.');
  }
}

function emptyApp(epoch: number): AppRecord {
  return { epoch, settings: null, rules: new Map(), revocations: new Map(), bans: new Map() };
}

function toStoredApp(app: string, { epoch, settings, rules, revocations, bans }: AppRecord): StoredApp {
  const listed = <T extends { readonly id: number }>(items: Map<number, T>) =>
    [...items.values()].sort((a, b) => a.id - b.id);
  return { app, epoch, settings, rules: listed(rules), revocations: listed(revocations), bans: listed(bans) };
}
