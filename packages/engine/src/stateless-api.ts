import type {
  AccessRequest,
  Audience,
  Decision,
  Denied,
  JsonObject,
  PolicySource,
  Principal,
  SendTarget,
  Via,
} from '@portcullis/policy';
import type { MaybePromise } from './maybe-promise.ts';
import type { CommitAck, PublishOutcome, Refused, TurnedAway } from './outcome.ts';
import type { AppEvents } from './ports/events.ts';
import type { Change } from './ports/store.ts';
import type { Member, Publication, Timetoken } from './publication.ts';

/** One publish by a client that holds no connection. */
export interface StatelessPublish {
  readonly app: string;
  readonly principal: Principal;
  readonly channel: string;
  readonly target: SendTarget;
  readonly kind: 'message' | 'signal' | 'file';
  /** JSON text. */
  readonly data: string;
  readonly meta?: string;
  readonly customType?: string;
  /** False: not kept in history. */
  readonly store: boolean;
  /** Hours to keep it, fractions allowed; absent or 0: as long as the app keeps messages. */
  readonly ttl?: number;
  /** For triggers and actions alone: decided, given its place, delivered to nobody. */
  readonly fire?: boolean;
  /** How many triggers stand between a client and it. */
  readonly hops?: number;
  /** Chosen by the client, unique among what its user says on the channel; without effect for callers that prove nobody. */
  readonly key?: string;
  /** What has to be done before anybody hears of it, once it is known for whom it is. Everything is decided again after it. */
  readonly prepare?: (audience: Audience) => Promise<void>;
}

/** A name a poll listens to. */
export type PollName =
  | { readonly of: 'channel'; readonly name: string; readonly presence: boolean }
  /** `room.*` without the star's suffix is the prefix `room.`. */
  | { readonly of: 'wildcard'; readonly name: string; readonly presence: boolean }
  | { readonly of: 'group'; readonly name: string; readonly presence: boolean };

export interface PollRequest {
  readonly app: string;
  readonly principal: Principal;
  readonly names: readonly PollName[];
  /** Where the reader stands, in this node's arrival order; `null`: at the head. */
  readonly cursor: Timetoken | null;
  /** Whether an item is wanted, beside being allowed (stream filters). Never asked about what the reader may not see. */
  readonly wants?: (publication: Publication) => boolean;
  /** Most items of one answer. */
  readonly limit: number;
}

export interface PollItem {
  readonly publication: Publication;
  /** The name that matched; overlapping names give one item each. */
  readonly by: PollName;
}

export type PollAnswer =
  | { readonly ok: true; readonly items: readonly PollItem[] /** Where to go on. */; readonly cursor: Timetoken }
  /** `names`: every name that was refused, as spelled in the request (groups and presence with their own spelling). */
  | {
      readonly ok: false;
      readonly denied: Denied;
      readonly request: AccessRequest;
      readonly names: readonly PollName[];
    };

/** A poll under way. It hangs until something arrives for it, its authority ends, or the door gives it up. */
export interface Poll {
  /** Called once, in the turn in which the answer is decided. Already answered polls call back at once. */
  onAnswer(receive: (answer: PollAnswer) => void): void;
  /** The client went away, or the door's own time ran out: `receive` is not called any more. Answers where the reader stands. */
  cancel(): Timetoken;
}

export interface PresenceCall {
  readonly app: string;
  readonly principal: Principal;
  readonly channels: readonly string[];
  /** The group through which all of them are reached; absent: named directly. */
  readonly via?: Via;
}

export interface HeartbeatCall extends PresenceCall {
  /** What the client says, ms; absent: what it said last there. */
  readonly timeout?: number | undefined;
  /** For one that never said, ms. */
  readonly usual: number;
  /** By channel. */
  readonly state?: ReadonlyMap<string, JsonObject>;
}

export interface SetStateCall extends PresenceCall {
  readonly state: JsonObject;
  readonly keep: StateKeeping;
}

/** What users say of themselves where they are not present: kept for so long, and so many in the app; the oldest goes first. */
export interface StateKeeping {
  readonly ms: number;
  readonly most: number;
}

export type PresenceOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly denied: Denied; readonly request: AccessRequest; readonly names: readonly string[] };

export interface HereNow {
  readonly channel: string;
  readonly occupancy: number;
  /** Distinct users, in the order they came; anonymous sessions of other doors as `anon-<session id>`. */
  readonly occupants: readonly { readonly user: string; readonly state: JsonObject | null }[];
}

/** What doors without connections ask of the engine. */
export interface StatelessApi {
  /** As `EngineApi.commit`: durable, in force, then acknowledged. */
  commit(app: string, changes: readonly Change[], by?: Principal): Promise<CommitAck>;
  /** Who is told what happens in the app, for what the engine does not see itself. */
  events(app: string): AppEvents;
  /** The next id for a revocation or ban made here. */
  nextId(): number;
  /** All that the app's decisions depend on, as it stands. */
  source(app: string): PolicySource;
  /** Decides under the app's policy as it stands. For reads, ask again after each await, in the turn of the answer. */
  decide(app: string, request: AccessRequest): Decision;
  /**
   * Asks the join triggers of channels that one who holds no connection wants something of; `null`: there is nothing to wait for. Until they
   * are asked, `decide` refuses what needs admission.
   */
  admit(app: string, principal: Principal, channels: Iterable<string>): Promise<void> | null;
  /** Whether a trigger would be asked about what the principal sends to everyone there. */
  asksAbout(app: string, principal: Principal, channel: string): boolean;
  /** A denial as the client may see it, counted. */
  refuse(app: string, request: AccessRequest, denied: Denied): Refused;
  /** As `EngineApi.turnAway`. */
  turnAway(app: string, refusal: TurnedAway): Refused;
  /** ms since 1970, the engine's own clock. */
  now(): number;
  /** The newest timetoken given out in the app, or now. */
  timetoken(app: string): Timetoken;
  publishAs(call: StatelessPublish): MaybePromise<PublishOutcome>;
  /**
   * Publishes what the engine's own stores changed (reactions, objects): decided by the operation that changed them, so
   * not again. `audience` of a reaction is that of its message.
   */
  announce(draft: import('./publication.ts').Draft): MaybePromise<Timetoken>;
  poll(request: PollRequest): Poll;
  /** What was deleted from a channel's history is no longer caught up with either. */
  forget(app: string, channel: string, timetokens: readonly Timetoken[]): void;
  /**
   * Marks the principal's user present on each channel, by these proofs, for a time; told to the others when it is new
   * there. Refused as a whole when one channel is refused. Anonymous principals are present nowhere.
   */
  heartbeat(call: HeartbeatCall): PresenceOutcome;
  /** Ends the user's presence on the channels, by whatever proofs; what is not present there is passed over. */
  depart(call: PresenceCall): void;
  /** For all the user's presences on the channels; where there is none it is kept until the user comes. */
  setState(call: SetStateCall): PresenceOutcome;
  /**
   * State of one user on a channel, said there or kept until it comes; `null` when none. Of an id that is only stated, none
   * where its proven user is. Decided by the caller.
   */
  stateOf(app: string, channel: string, member: Pick<Member, 'user' | 'proven'>): JsonObject | null;
  /** Decided by the caller. */
  hereNow(app: string, channel: string): HereNow;
  /** Channels the user is present on whose presence the asker may see; those whose join trigger was not asked yet are left out. */
  whereNow(app: string, principal: Principal, user: Pick<Member, 'user' | 'proven'>): readonly string[];
  /** As `admit`, for the channels that `whereNow` would show if their join triggers agree. */
  admitWhere(app: string, principal: Principal, user: Pick<Member, 'user' | 'proven'>): Promise<void> | null;
  /** Live channels of the app, for a server's global here-now. */
  liveChannels(app: string): readonly string[];
  /** Channel groups as they stand. */
  group(app: string, group: string): readonly string[];
  groups(app: string): readonly string[];
}
