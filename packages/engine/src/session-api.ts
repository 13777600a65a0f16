import type { JsonObject, Principal, SendTarget } from '@portcullis/policy';
import type { MaybePromise } from './maybe-promise.ts';
import type {
  HistoryOutcome,
  JoinOutcome,
  LeaveOutcome,
  PublishOutcome,
  RosterOutcome,
  StateOutcome,
  SwapOutcome,
} from './outcome.ts';
import type { Member, Position, Timetoken } from './publication.ts';

export interface JoinOptions {
  readonly presence: boolean;
  /** The newest messages, before anything live; with a number at most so many. */
  readonly history: boolean | number;
  /**
   * The last position that was seen: exactly what came later is sent, before anything live; or `recovery: 'gap'` is
   * said, and then `history` if it was asked for.
   */
  readonly recover?: Position;
  /** What to say of oneself in the roster, from the first moment on. Without effect where the rule shares no presence. */
  readonly state?: JsonObject;
  /** The door's own number: the notices that answer this carry it. */
  readonly ref?: number;
}

export interface PublishOptions {
  /**
   * Chosen by the client, unique among what its user (or, if it has none, this connection) says on the channel: within
   * the replay window it is published once, and a repetition is answered as the first was.
   */
  readonly key?: string;
  /** JSON text of what is said beside the payload. */
  readonly meta?: string;
  /** Called when it has its place in the order, and may still have to reach the disk. */
  readonly placed?: () => void;
}

export interface HistoryRequest {
  readonly limit?: number;
  /** Only older items. */
  readonly before?: Timetoken;
  /** Only newer items, the oldest of them first in line. */
  readonly after?: Timetoken;
  /** The private items between oneself and the user of this session, or this user. */
  readonly with?: { readonly session: string } | { readonly user: string };
  readonly ref?: number;
}

/**
 * One live connection, as its door uses it. Acknowledgements, snapshots and publications go out through the outlet, in
 * order; refusals come back as outcomes, for the door to word. A command that answers in the same turn returns its
 * outcome, not a promise; the door holds the connection's next command until a promise has settled, or a publish has its
 * place. Rosters and pages of history may be under way beside others.
 */
export interface SessionApi {
  readonly id: string;
  readonly app: string;
  readonly principal: Principal;
  readonly self: Member;
  /** What its client shows to be taken for this session when it comes back in the grace; `null`: it cannot. */
  readonly resume: string | null;
  readonly ended: boolean;
  /** Idempotent: a second join tells no one else, and sends the snapshots again. */
  join(channel: string, options: JoinOptions): MaybePromise<JoinOutcome>;
  leave(channel: string, ref?: number): LeaveOutcome;
  /** `data`: JSON text of the payload, checked by the door to be well-formed. */
  publish(channel: string, target: SendTarget, data: string, options?: PublishOptions): MaybePromise<PublishOutcome>;
  /** Sends a page of what was said: the newest, where nothing else is asked. */
  history(channel: string, request?: HistoryRequest): MaybePromise<HistoryOutcome>;
  /** Sends the roster; after a while, if it was sent just now. */
  roster(channel: string, ref?: number): MaybePromise<RosterOutcome>;
  /** What others see of this session in a channel's roster; `null` takes it back. */
  setState(channel: string, state: JsonObject | null): StateOutcome;
  /**
   * Another proof of the same user takes the place of the one before, in this turn: every subscription is decided again,
   * what both admit arrives once and without a gap, and what the new one admits counts from here on.
   */
  swap(principal: Principal): SwapOutcome;
  /** Puts the door's own bytes (an answer it words itself) behind what is queued. They are never taken back. */
  answer(bytes: Uint8Array): void;
  /** Words a refusal of the door's own (malformed frame, unknown action) and sends it behind what is queued. */
  refuse(refusal: {
    readonly code: import('@portcullis/policy').Code;
    readonly message: string;
    readonly channel?: string;
  }): void;
  /** The outlet took bytes: more may be handed over. */
  drained(): void;
  /** The connection is gone; `forGood`, as if not said: its client left. Idempotent. */
  close(forGood?: boolean): void;
}
