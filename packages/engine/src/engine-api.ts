import type { AccessRequest, AccessSettings, Explanation, Policy, Principal, Rule } from '@portcullis/policy';
import type { Limits } from './limits.ts';
import type { CommitAck, EventOutcome, Refused, TurnedAway } from './outcome.ts';
import type { AppEvents } from './ports/events.ts';
import type { Codec, Ending, Outlet } from './ports/outlet.ts';
import type { Change, StoredApp } from './ports/store.ts';
import type { StoredTrigger } from './ports/store-triggers.ts';
import type { TriggerSource } from './ports/triggers.ts';
import type { Member } from './publication.ts';
import type { ReplayLimits } from './replay-window.ts';
import type { SessionApi } from './session-api.ts';
import type { StatelessApi } from './stateless-api.ts';

/** One app as the server resolved it from file, environment and store. */
export interface AppDefinition {
  readonly app: string;
  readonly settings: AccessSettings;
  readonly limits: Limits;
  /** Rules of the file; ids below 1 000 000, origin `file`. */
  readonly fileRules: readonly Rule[];
  /** ms for which kept messages are kept when their publisher does not say; absent: by count alone. */
  readonly retention?: number;
  /** How much of each channel readers without a connection can catch up with; absent: no door of the app serves such. */
  readonly replay?: ReplayLimits;
  /** ms for which a client that lost its connection keeps its places in rosters, if its door knows it again; absent: not at all. */
  readonly presenceGrace?: number;
  /** Makes the app's triggers; absent: it has none. */
  readonly triggers?: TriggerSource;
}

export interface ConnectOptions {
  readonly app: string;
  readonly principal: Principal;
  readonly outlet: Outlet;
  readonly codec: Codec;
  /** Name of the door, for the live view: `xano`, `native`, `pubnub`. */
  readonly door: string;
  /** Remote address after trusted proxies, for limits and the live view. */
  readonly address: string;
  /**
   * ms. At expiry or revocation of its proof the session loses its channels and is told so, and is kept so long for
   * another (`SessionApi.swap`). Absent or 0: it is ended at once.
   */
  readonly tokenGrace?: number;
  /** The door can tell its client `SessionApi.resume`, and hear it again. */
  readonly mayReturn?: boolean;
  /** The `SessionApi.resume` of the connection before. What is not known (any more), or of another user, is as none. */
  readonly resume?: string;
}

export interface SessionInfo {
  readonly id: string;
  readonly door: string;
  readonly address: string;
  readonly principal: {
    readonly kind: Principal['kind'];
    readonly user: string;
    readonly table: number | string;
    readonly row: number | string;
  };
  readonly channels: readonly string[];
  /** ms since 1970. */
  readonly connectedAt: number;
  readonly expiresAt: number | null;
  /** Bytes that wait for a slow reader. */
  readonly queued: number;
  /** It has lost its connection, and its places are kept for its client. */
  readonly away: boolean;
}

export interface ChannelInfo {
  readonly channel: string;
  readonly rule: number | null;
  readonly sessions: number;
  readonly occupancy: number;
}

export interface ServerEvent {
  readonly app: string;
  readonly channel: string;
  /** JSON text. */
  readonly data: string;
  readonly principal: Principal;
  /** Only the authenticated of this table, or with `row` that one user. */
  readonly table?: number | string;
  readonly row?: number | string;
  /** Only the proven sessions of this user. */
  readonly user?: string;
  /** The actions through which it came about. */
  readonly trail?: readonly string[];
}

/** What a client is held off with after a kick or an unsubscribe. */
export interface HoldAnswer extends CommitAck {
  /** ms since 1970; `null` when nothing can be held (an anonymous session) or `for` was 0. */
  readonly heldUntil: number | null;
  /** Sessions it took effect on here. */
  readonly sessions: number;
}

/** The engine as servers and doors use it. */
export interface EngineApi {
  /** What doors without connections use. */
  readonly stateless: StatelessApi;
  /** Continues ids and timetokens where the store's stand (`Store.load()`). Call once, before the first `define`. */
  resume(state: { readonly nextId: number; readonly timetoken: bigint }): void;
  /** Makes the app known, or applies new settings, limits and file rules to it under the promise of `enforcement.md`. */
  define(definition: AppDefinition, stored: StoredApp | null): Promise<CommitAck>;
  /** Ends the app's sessions with `app.disabled` and forgets it. */
  remove(app: string): Promise<void>;
  has(app: string): boolean;

  /** Decides `connect` and opens a session, or says why not. */
  connect(options: ConnectOptions): SessionApi | Refused;
  /**
   * The one place where doors report whom they send away before anything is decided: counted, and told to listeners. Answers with what
   * the client may be told.
   */
  turnAway(app: string, refusal: TurnedAway): Refused;

  /** Durable, then in force, then acknowledged. Rejects with the store's error or a `RuleConflictError`; then nothing has changed. */
  commit(app: string, changes: readonly Change[], by?: Principal): Promise<CommitAck>;
  /** The next id for a rule, revocation or ban made here. */
  nextId(): number;

  /** Who is told what happens in the app, for what the engine does not see itself. */
  events(app: string): AppEvents;
  event(event: ServerEvent): Promise<EventOutcome>;
  explain(app: string, request: AccessRequest): Explanation;

  rules(app: string): readonly Rule[];
  source(app: string): import('@portcullis/policy').PolicySource;
  /** The policy in force. */
  policy(app: string): Policy;
  /** Triggers made here, by id. */
  storedTriggers(app: string): readonly StoredTrigger[];
  sessions(app: string, filter?: { readonly user?: string; readonly channel?: string }): readonly SessionInfo[];
  channels(app: string): readonly ChannelInfo[];
  roster(app: string, channel: string): readonly Member[];

  /** Cuts one connection; with `hold` ms its user (if it has one) is kept out so long. `undefined`: no such session. */
  kick(app: string, session: string, hold: number, reason: string): Promise<HoldAnswer | undefined>;
  /** Takes one user off one channel and holds them off it. */
  unsubscribe(app: string, user: string, channel: string, hold: number, reason: string): Promise<HoldAnswer>;

  /** Ends every session (a restart, for instance) and refuses new ones. Resolves when queues are empty or `deadline` ms passed. */
  drain(ending: Ending, deadline: number): Promise<void>;
}
