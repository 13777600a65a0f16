import type { JsonObject } from '../principal.ts';

/** Permission bits of a grant, as PubNub numbers them (`v3` token, "permissions"). 16 is retired there and refused here. */
export const BIT = { read: 1, write: 2, manage: 4, delete: 8, get: 32, update: 64, join: 128 } as const;
export type Permission = keyof typeof BIT;

export const GRANT_SECTIONS = ['channels', 'groups', 'uuids'] as const;
export type GrantSection = (typeof GRANT_SECTIONS)[number];
/** Name or pattern to bit mask. A `Map`: the names are chosen by strangers. */
export type GrantEntries = ReadonlyMap<string, number>;
export type GrantTable = { readonly [section in GrantSection]: GrantEntries };

/** A permission token, verified and decoded. */
export interface Grant {
  /** Hash of the canonical bytes: the token's name in caches, revocations and logs. */
  readonly id: string;
  /** Id of the signing key that verified it. */
  readonly key: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  /** Minutes, 1 to 43 200. */
  readonly ttl: number;
  readonly authorizedUser?: string;
  readonly resources: GrantTable;
  readonly patterns: GrantTable;
  readonly meta: JsonObject;
}
