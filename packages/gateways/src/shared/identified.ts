import type { Code, Principal } from '@portcullis/policy';

/** What became of the token a connection brought. Without a token: the anonymous principal. */
export type Identified =
  | { readonly ok: true; readonly principal: Principal }
  /** `reason`: a sentence for the client. `retry`: the proof could not be looked at now; the client is asked to come back. */
  | { readonly ok: false; readonly code: Code; readonly reason: string; readonly retry?: boolean };
