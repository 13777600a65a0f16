import type { Publication, Timetoken } from '../publication.ts';

/** Where a channel's public items are cut off. Each bound holds; one that is absent does not. */
export interface RangeBounds {
  /** Exclusive. */
  readonly newerThan?: Timetoken;
  /** Inclusive. */
  readonly notOlderThan?: Timetoken;
  /** Exclusive. */
  readonly olderThan?: Timetoken;
  /** Inclusive. */
  readonly notNewerThan?: Timetoken;
}

export interface RangeQuery extends RangeBounds {
  readonly app: string;
  readonly channel: string;
  readonly limit: number;
  /** Which end of the range the items are taken from when there are more than `limit`. */
  readonly from: 'newest' | 'oldest';
  /** ms since 1970. What expires at or before it is not there. */
  readonly now: number;
}

export interface RangeDeletion extends RangeBounds {
  readonly app: string;
  readonly channel: string;
}

/**
 * The public items of channels, one by one and by range: those of every audience but a pair of users'. Each comes with
 * the audience it was published to; whether a reader belongs to it is the caller's to decide.
 */
export interface StoreMessages {
  /** Oldest first, whichever end they are taken from. */
  range(query: RangeQuery): Promise<readonly Publication[]>;
  /**
   * Deletes what is in the bounds, with all actions on it, in one step. Answers what was there, oldest first. The head stays, so no
   * place in the channel's log is given twice.
   */
  deleteRange(deletion: RangeDeletion): Promise<readonly Timetoken[]>;
  /** `now` in ms since 1970: what has expired by then is not there. */
  message(app: string, channel: string, timetoken: Timetoken, now: number): Promise<Publication | null>;
}
