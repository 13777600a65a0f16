import type { KeyObject } from 'node:crypto';
import type { AsymmetricJwe, JweContent, KeyScope, PublicAlgorithm, SymmetricJwe } from './key-config.ts';

/** A key that JWTs are verified with, and the only algorithm it is used with. */
export interface SigningKey {
  readonly type: 'signing';
  readonly id: string;
  readonly alg: 'HS256' | PublicAlgorithm;
  readonly key: KeyObject | Uint8Array;
  readonly kid?: string;
  readonly scope: KeyScope;
}

/** A key that JWEs are decrypted with. */
export interface UnwrappingKey {
  readonly type: 'unwrapping';
  readonly id: string;
  readonly alg: SymmetricJwe | AsymmetricJwe;
  readonly enc: JweContent;
  readonly key: KeyObject | Uint8Array;
  readonly kid?: string;
  /** Absent: the key vouches for nothing, and what it unwraps has to be signed. */
  readonly scope?: KeyScope;
}

export type TrustedKey = SigningKey | UnwrappingKey;

/** A static key without a key id serves every token; a token without one may be any key's. */
export function answersTo(key: { readonly kid?: string }, kid: string | undefined): boolean {
  return key.kid === undefined || kid === undefined || key.kid === kid;
}
