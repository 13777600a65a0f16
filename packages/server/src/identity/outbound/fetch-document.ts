export interface FetchBounds {
  readonly maxBytes: number;
  /** Aborted when the answer is due. */
  readonly signal: AbortSignal;
}

export type Fetched =
  | { readonly ok: true; readonly body: Uint8Array }
  | { readonly ok: false; readonly reason: FetchFailure };

export type FetchFailure =
  /** The address, or one that its name resolves to, is not one that requests of the server may reach. */
  'address-refused' | 'redirected' | 'bad-status' | 'too-large' | 'timed-out' | 'unreachable';

/** Gets one document. Follows no redirect, never reads past `maxBytes`, never rejects. */
export type FetchDocument = (url: URL, bounds: FetchBounds) => Promise<Fetched>;
