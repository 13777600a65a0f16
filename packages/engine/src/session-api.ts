import type { Principal, SendTarget } from '@portcullis/policy';
import type { MaybePromise } from './maybe-promise.ts';
import type { HistoryOutcome, JoinOutcome, LeaveOutcome, PublishOutcome } from './outcome.ts';
import type { Member } from './publication.ts';

export interface JoinOptions {
  readonly presence: boolean;
  readonly history: boolean;
}

/**
 * One live connection, as its door uses it. Acknowledgements, snapshots and publications go out through the outlet, in
 * order; refusals come back as outcomes, for the door to word. A command that answers in the same turn returns its
 * outcome, not a promise; the door holds the connection's next command until a promise has settled.
 */
export interface SessionApi {
  readonly id: string;
  readonly app: string;
  readonly principal: Principal;
  readonly self: Member;
  readonly ended: boolean;
  /** Idempotent: a second join tells no one else, and sends the snapshots again. */
  join(channel: string, options: JoinOptions): MaybePromise<JoinOutcome>;
  leave(channel: string): LeaveOutcome;
  /** `data`: JSON text of the payload, checked by the door to be well-formed. */
  publish(channel: string, target: SendTarget, data: string): MaybePromise<PublishOutcome>;
  /** Sends the channel's history, or with `peer` (a session id) the private items of the two users. */
  history(channel: string, peer?: string): MaybePromise<HistoryOutcome>;
  /** Words a refusal of the door's own (malformed frame, unknown action) and sends it behind what is queued. */
  refuse(refusal: {
    readonly code: import('@portcullis/policy').Code;
    readonly message: string;
    readonly channel?: string;
  }): void;
  /** The outlet took bytes: more may be handed over. */
  drained(): void;
  /** The connection is gone. Idempotent. */
  close(): void;
}
