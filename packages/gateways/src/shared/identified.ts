import type { Code, Principal } from '@portcullis/policy';

/** What became of the token a connection brought. Without a token: the anonymous principal. */
export type Identified = { readonly ok: true; readonly principal: Principal } | NotIdentified;

export interface NotIdentified {
  readonly ok: false;
  readonly code: Code;
  /** A sentence for the client. */
  readonly reason: string;
  /** The proof could not be looked at now; the client is asked to come back. */
  readonly retry?: boolean;
}
