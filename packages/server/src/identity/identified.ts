import type { Code, Principal } from '@portcullis/policy';

/** What a request carries to say who asks. A door fills in what its wire has a place for. */
export interface Proofs {
  /** The token field: a JWT, a JWE or a permission token, told apart by form. */
  readonly token?: string;
  /** The user id that the client states beside its token. */
  readonly statedUser?: string;
  /**
   * The wire has a place for a stated user id (PubNub's `uuid`): a permission token bound to a user then needs it stated.
   */
  readonly statesUser?: boolean;
  /** The wire cannot carry `=` (a WebSocket sub-protocol): a permission token comes without its padding. */
  readonly unpadded?: boolean;
  /** Names of fields of the above that came more than once: nobody can say which of them was meant. */
  readonly repeated?: readonly string[];
}

/** Who asks; or why the proofs prove nothing; or that the keys to tell cannot be had now, and the client is to come back. */
export type Identified = { readonly ok: true; readonly principal: Principal } | NotIdentified;

export type NotIdentified = ProofRefused | KeysUnavailable;

export interface ProofRefused {
  readonly ok: false;
  readonly code: Code;
  /** One clause that holds nothing of the token. */
  readonly reason: string;
  readonly retry?: never;
}

export interface KeysUnavailable {
  readonly ok: false;
  readonly code: 'identity.keys-unavailable';
  readonly reason: string;
  readonly retry: true;
}

export function refused(code: Code, reason: string): ProofRefused {
  return { ok: false, code, reason };
}

export const KEYS_UNAVAILABLE: KeysUnavailable = {
  ok: false,
  code: 'identity.keys-unavailable',
  reason: 'the keys that would tell whether the token is genuine cannot be had at the moment',
  retry: true,
};
