import type { Code } from '../codes.ts';
import type { Credential, JsonObject } from '../principal.ts';
import type { Grant, GrantEntries, GrantSection } from './grant.ts';

/** What is to be granted. Masks are sums of `BIT`; names and patterns are PubNub's `resources` and `patterns`. */
export interface GrantSpec {
  /** Minutes, 1 to 43 200. */
  readonly ttl: number;
  /** The one user who may use it. */
  readonly authorizedUser?: string;
  readonly resources?: { readonly [section in GrantSection]?: GrantEntries };
  readonly patterns?: { readonly [section in GrantSection]?: GrantEntries };
  /** Scalars only. */
  readonly meta?: JsonObject;
}

/** A signing secret and the id it is known by. */
export interface SigningSecret {
  readonly id: string;
  readonly secret: string;
}

export interface MintContext {
  readonly app: string;
  readonly secret: SigningSecret;
  /** ms since 1970. */
  readonly now: number;
  /** Random text of at least 96 bits (16 characters of base64url), never used twice: it makes every grant unique. */
  readonly nonce: string;
  /** Seconds since 1970: the token is dated after it. See `issuedAfter()`. */
  readonly issuedAfter?: number;
}

/** `at` names the field, as a path into the spec: `patterns.channels`, `ttl`. */
export interface GrantProblem {
  readonly at: string;
  /** The name or pattern, and where in it (UTF-16 units) the problem lies. */
  readonly pattern?: string;
  readonly position?: number;
  readonly message: string;
}

export type MintOutcome =
  | {
      readonly ok: true;
      readonly token: string;
      /** The token's id in logs and revocations. */
      readonly id: string;
      readonly warnings: readonly GrantProblem[];
    }
  | { readonly ok: false; readonly problems: readonly GrantProblem[] };

/** A token as it reads, nothing verified. */
export interface ParsedGrant extends Omit<Grant, 'key'> {
  readonly version: number;
  readonly signature: Uint8Array;
}

export type ParseOutcome =
  | { readonly ok: true; readonly grant: ParsedGrant }
  | { readonly ok: false; readonly reason: string };

/** What the platform does more quickly than the code brought along, which runs in browsers too. Both give the same. */
export interface Platform {
  /** The hash as base64url, without padding. */
  sha256Base64url(bytes: Uint8Array): string;
  /** `key`: at most 64 bytes. */
  hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array;
  /** Of base64url without padding; `undefined` for whatever is not the one spelling of its bytes. Good until the next call. */
  fromBase64url(text: string): Uint8Array | undefined;
  /** One character for each byte, of the same code. */
  latin1(bytes: Uint8Array): string;
}

export interface VerifyContext {
  readonly app: string;
  /** The active secrets, in the order they are tried. */
  readonly secrets: readonly SigningSecret[];
  /** ms since 1970; absent: expiry is left to `decide`. */
  readonly now?: number;
  /** The wire cannot carry `=` (the sub-protocol of Xano's clients): the token has then no padding. */
  readonly unpadded?: boolean;
  readonly platform?: Platform;
}

export type VerifyOutcome =
  | { readonly ok: true; readonly grant: Grant }
  | { readonly ok: false; readonly code: Code; readonly reason: string };

export function credentialOf(grant: Grant): Credential {
  return {
    type: 'grant',
    id: grant.id,
    key: grant.key,
    issuedAt: grant.issuedAt,
    expiresAt: (grant.issuedAt + grant.ttl * 60) * 1000,
  };
}
