import type { MaybePromise } from '../maybe-promise.ts';
import type { Draft, Position, Publication, Timetoken } from '../publication.ts';

/** Where a channel's log stood when the process that kept it ended. */
export interface LogHead {
  readonly epoch: string;
  readonly offset: number;
  readonly timetoken: Timetoken;
}

/** How far a channel's publications have been handed out here. */
export interface FeedHead {
  /** Of the newest that has a place in the log; the log's beginning where none has. */
  readonly position: Position;
  readonly seq: number;
}

/**
 * Orders publications. One node: in process. Many: the place where all of them agree.
 * Promise: position, timetoken and stamp are given in one atomic step; timetokens of an app strictly increase.
 */
export interface Broker {
  /**
   * Gives the draft its place, or `'stale'` when the app's policy epoch here is newer than `epoch`:
   * the caller decides again under the newer policy.
   */
  append(draft: Draft, epoch: number): MaybePromise<Publication | 'stale'>;
  /** Hands an appended publication to every node's feed. Called once per publication, durable ones after their commit. */
  publish(publication: Publication): MaybePromise<void>;
  /** Gives up a place whose commit failed; the feed passes over it. */
  drop(publication: Publication): void;
  /** Raises the app's policy epoch. Every earlier publication of the app has a timetoken ≤ the answer; every later one a greater. */
  raise(app: string, epoch: number): MaybePromise<Timetoken>;
  /** Continues a channel's log where its durable part ended. Ignored when the channel is already live here. */
  restore(app: string, channel: string, head: LogHead | null): void;
  /** Begins a new log of the channel: a new epoch, offsets from 1. For what takes a place and is not kept behind what was. */
  renew(app: string, channel: string): void;
  /** Whether the channel's log is live here: nothing has to be restored. */
  has(app: string, channel: string): boolean;
  /** Timetokens start above this one (a restarted process, a clock that was set back). */
  floor(timetoken: Timetoken): void;
  /** The newest arrival number given out in the channel, 0 if none. */
  lastSeq(app: string, channel: string): number;
  /** Where the channel's feed stands here: what was appended and not yet handed out is not counted. Begins a log where there is none. */
  feed(app: string, channel: string): FeedHead;
  /** Forgets a channel nobody is joined to and nothing recoverable is in. */
  forget(app: string, channel: string): void;
  /** The one receiver of publications, per channel in `seq` order. */
  onPublication(receive: (publication: Publication) => void): void;
}
