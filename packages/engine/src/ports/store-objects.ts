import type { JsonObject } from '@portcullis/policy';
import type { Told } from './store-outbox.ts';

/** What is written down about users and channels. */
export type ObjectKind = 'user' | 'channel';

interface Described {
  readonly fields: JsonObject;
  /** µs since 1970. */
  readonly updated: number;
  /** Made by the caller; another one for other fields. */
  readonly etag: string;
}

export interface ObjectRow extends Described {
  readonly id: string;
}

export interface MembershipRow extends Described, MembershipKey {}

export interface MembershipKey {
  readonly user: string;
  readonly channel: string;
}

/** What a write expects to replace: the row of this etag; `null`: nothing; absent: whatever is there. */
export interface Expecting {
  readonly expectedEtag?: string | null;
}

/** `conflict`: something else was there than was expected; nothing was written. */
export type PutOutcome = 'put' | 'conflict';

export interface PageQuery {
  /** The id of the last row of the page before. */
  readonly after?: string;
  readonly limit: number;
}

/** The memberships of one user, or of one channel. */
export type MembershipsOf = { readonly user: string } | { readonly channel: string };

/**
 * App context: what an app writes down about its users, its channels, and who belongs where. The rows are independent
 * of each other and of what is live: a membership may name what is not described, and stays when that is deleted.
 *
 * Pages come in one order of ids that never changes (ids of letters and digits: by code point), so that a scan passes
 * over nothing that is there from its beginning to its end.
 */
export interface StoreObjects {
  object(app: string, kind: ObjectKind, id: string): Promise<ObjectRow | null>;
  /** Replaces the row whole. */
  putObject(
    app: string,
    kind: ObjectKind,
    row: ObjectRow,
    expectedEtag?: string | null,
    told?: Told,
  ): Promise<PutOutcome>;
  /** False when it was not there. */
  deleteObject(app: string, kind: ObjectKind, id: string, told?: Told): Promise<boolean>;
  objects(app: string, kind: ObjectKind, page: PageQuery): Promise<readonly ObjectRow[]>;
  countObjects(app: string, kind: ObjectKind): Promise<number>;

  membership(app: string, key: MembershipKey): Promise<MembershipRow | null>;
  /** All of the rows or, when one of them conflicts, none. Of two for the same user and channel, the last one stands. */
  putMemberships(app: string, rows: readonly (MembershipRow & Expecting)[], told?: Told): Promise<PutOutcome>;
  /** In one step. Answers what was there, in no particular order. */
  deleteMemberships(
    app: string,
    keys: readonly MembershipKey[],
    /** Of each that is there. */
    told?: (key: MembershipKey) => Told,
  ): Promise<readonly MembershipRow[]>;
  /** In order of the other side's ids, which `after` names too. */
  memberships(app: string, of: MembershipsOf, page: PageQuery): Promise<readonly MembershipRow[]>;
  countMemberships(app: string, of: MembershipsOf): Promise<number>;
}
