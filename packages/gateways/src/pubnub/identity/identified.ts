import type { MaybePromise } from '@portcullis/engine';
import type { Code, Credential, Principal } from '@portcullis/policy';

/** What a request of this wire carries to say who asks. */
export interface Proofs {
  /** `auth`: a permission token or a JWT. */
  readonly token?: string;
  /** `uuid`. */
  readonly statedUser?: string;
  /** This wire has a place for a user id: a token that is bound to one needs it stated. */
  readonly statesUser: true;
}

export interface NotIdentified {
  readonly ok: false;
  readonly code: Code;
  /** For operators; holds nothing of the token. */
  readonly reason: string;
  /** The proof could not be looked at now: the client is asked to come back. */
  readonly retry?: boolean;
}

export type Identified = { readonly ok: true; readonly principal: Principal } | NotIdentified;

/** What a revocation of a token has to name, whether the token still holds or not. */
export type TokenCredentials = { readonly ok: true; readonly credentials: readonly Credential[] } | NotIdentified;

export interface Identity {
  identify(app: string, proofs: Proofs): MaybePromise<Identified>;
  credentialsOf(app: string, token: string): MaybePromise<TokenCredentials>;
}
