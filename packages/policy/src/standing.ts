/**
 * What takes away (`authority.md` §5): revocations, bans and holds. Pure data; `policy.ts` indexes it.
 * `id` is the store's. A revocation covers JWTs and permission tokens alike.
 */
export type Revocation = {
  readonly id: number;
  readonly reason: string /** ms since 1970 after which nothing it covers can still be valid. */;
  readonly keepUntil: number;
} & RevocationSubject;

export type RevocationSubject =
  | { readonly type: 'token'; readonly token: string /* credential id */ }
  | {
      readonly type: 'user';
      readonly user: string /** Seconds: covers what was issued in or before this second. */;
      readonly issuedBefore: number;
    }
  | { readonly type: 'user-channel'; readonly user: string; readonly channel: string; readonly issuedBefore: number }
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'jti'; readonly jti: string }
  | { readonly type: 'issued-before'; readonly issuedBefore: number };

/**
 * Refuses connects, joins and sends. A hold is a short ban that a kick or an unsubscribe leaves behind: with a channel it
 * keeps the user off that channel; without, from connecting anew.
 */
export interface Ban {
  readonly id: number;
  readonly user: string;
  /** Exact channel name; absent: everywhere. */
  readonly channel?: string;
  /** ms since 1970; absent: until lifted. */
  readonly until?: number;
  readonly reason: string;
  readonly hold: boolean;
}
