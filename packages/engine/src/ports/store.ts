import type { Ban, JsonObject, Revocation, Rule } from '@portcullis/policy';
import type { Position, Publication, Timetoken } from '../publication.ts';
import type { LogHead } from './broker.ts';
import type { StoreActions } from './store-actions.ts';
import type { StoreFiles } from './store-files.ts';
import type { ChannelGroup, GroupChange } from './store-groups.ts';
import type { StoreMessages } from './store-messages.ts';
import type { StoreObjects } from './store-objects.ts';
import type { StoreOutbox, Told } from './store-outbox.ts';
import type { StoredTrigger, TriggerChange } from './store-triggers.ts';

/** One change of an app's authority or settings, written durably under the next policy epoch. */
export type Change =
  | {
      readonly type: 'app.put' /** Opaque to the store; made by the server's configuration. */;
      readonly settings: JsonObject;
    }
  | { readonly type: 'app.delete' }
  | { readonly type: 'rule.put'; readonly rule: Rule }
  | { readonly type: 'rule.delete'; readonly id: number }
  | { readonly type: 'revocation.put'; readonly revocation: Revocation }
  | { readonly type: 'revocation.delete'; readonly id: number }
  | { readonly type: 'ban.put'; readonly ban: Ban }
  | { readonly type: 'ban.delete'; readonly id: number }
  | GroupChange
  | TriggerChange
  /** What the trail says of this commit: kept with it, or not at all. Decides nothing. */
  | { readonly type: 'trail'; readonly entry: AuditEntry }
  /** A change that lives outside the store (the file's rules and settings): only the epoch is kept. */
  | { readonly type: 'outside' };

/** What the store holds of one app. Rules and settings from the file are not in here. */
export interface StoredApp {
  readonly app: string;
  readonly epoch: number;
  /** `null` for an app that comes from the file. */
  readonly settings: JsonObject | null;
  readonly rules: readonly Rule[];
  readonly revocations: readonly Revocation[];
  readonly bans: readonly Ban[];
  /** In no particular order. */
  readonly groups: readonly ChannelGroup[];
  /** By id. */
  readonly triggers: readonly StoredTrigger[];
}

export interface StoreState {
  readonly apps: readonly StoredApp[];
  /** Greater than or equal to every timetoken ever committed. */
  readonly timetoken: Timetoken;
  /** The next free id for rules, revocations and bans made here. Rules of the file have ids below 1 000 000. */
  readonly nextId: number;
}

/** One publication to be kept. Trimming keeps at least the newest `keep` public items of the channel, and `keep` per pair for private ones. */
export interface HistoryItem {
  readonly publication: Publication;
  readonly keep: number;
  /**
   * ms since 1970, counted from its timetoken: from then on it may go at any time, and is gone for reads that say the time. Absent:
   * kept by count alone.
   */
  readonly expiresAt?: number;
}

export interface HistoryQuery {
  readonly app: string;
  readonly channel: string;
  /** The newest this many non-private items (`scope: channel`), or items of one pair (`scope: pair`). */
  readonly limit: number;
  readonly scope: { readonly of: 'channel' } | { readonly of: 'pair'; readonly users: readonly [string, string] };
  /** Only of the newest so many that have not expired; absent: of all. */
  readonly among?: number;
  /** Which end the items are taken from when there are more than `limit`; absent: the newest. They come oldest first either way. */
  readonly from?: 'newest' | 'oldest';
  /** Only items with a smaller timetoken. */
  readonly before?: Timetoken;
  /** Only items with a greater timetoken. */
  readonly after?: Timetoken;
  /** Of the items, from the end they are taken from, those whose payloads together stay within this many bytes; at least one item. */
  readonly maxBytes?: number;
  /** ms since 1970. What has expired by then is not there. */
  readonly now?: number;
}

export interface KeyedQuery {
  readonly app: string;
  readonly channel: string;
  readonly after: Timetoken;
  readonly limit: number;
}

/** What was answered to a publication under a key. */
export interface KeyedItem {
  readonly once: string;
  readonly position: Position;
  readonly timetoken: Timetoken;
}

export interface AuditEntry {
  /** ms since 1970. */
  readonly at: number;
  readonly app: string | null;
  /** Who did it: an API key's id, `admin`, `cli`, `file`. */
  readonly actor: string;
  /** Dotted: `rule.created`, `user.banned`, `session.kicked`, `access.denied` … */
  readonly action: string;
  readonly detail: JsonObject;
}

/** Denials are counted and kept as one row per (app, code, principal, rule) and minute, so strangers cannot fill the disk. */
export interface DenialCount {
  readonly minute: number;
  readonly app: string;
  readonly code: string;
  /** `anonymous`, `user:<id>`, `stated:<id>`, `server:<name>`. */
  readonly principal: string;
  readonly rule: number | null;
  readonly count: number;
}

export interface AuditQuery {
  readonly app?: string;
  /** Newest first; entries older than this id. */
  readonly before?: number;
  readonly limit: number;
}

/**
 * Durable state. Promises: what a resolved promise wrote survives `kill -9` and power loss; calls take effect in the
 * order they were made; a read sees every write made before it. A full disk rejects with `StoreFullError` and leaves
 * what is there intact. Nothing here runs on the caller's thread for longer than handing over takes.
 */
export interface Store extends StoreMessages, StoreActions, StoreObjects, StoreFiles, StoreOutbox {
  load(): Promise<StoreState>;
  /** All changes of one commit, or none. Rejects when `epoch` is not above the stored one. */
  commit(app: string, epoch: number, changes: readonly Change[], told?: Told): Promise<void>;
  /** Appends made in one turn form one group commit. */
  append(item: HistoryItem, told?: Told): Promise<void>;
  /** Oldest first. */
  history(query: HistoryQuery): Promise<readonly Publication[]>;
  /** Of what was published under keys and is kept, the newest `limit` behind an instant. */
  keyed(query: KeyedQuery): Promise<readonly KeyedItem[]>;
  /** `null` for a channel that never kept anything. */
  head(app: string, channel: string): Promise<LogHead | null>;
  /** How many channels of the app ever kept something: those that have a head. */
  keptChannels(app: string): Promise<number>;
  audit(entry: AuditEntry): Promise<void>;
  auditTrail(query: AuditQuery): Promise<readonly (AuditEntry & { readonly id: number })[]>;
  /** Adds to the counts of the same minute. */
  countDenials(counts: readonly DenialCount[]): Promise<void>;
  denials(app: string, sinceMinute: number): Promise<readonly DenialCount[]>;
  /** Resolves when everything handed over is durable and the files are closed. */
  close(): Promise<void>;
}

/** The disk (or quota) is full: refused with `store.full`, nothing was written. */
export class StoreFullError extends Error {
  override readonly name = 'StoreFullError';
}
