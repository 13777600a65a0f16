/** The settings of an app that decisions depend on. The server resolves defaults; nothing here is optional. */
export interface AccessSettings {
  readonly enabled: boolean;
  /** `open` is the only way to have both gates off. */
  readonly rules: boolean;
  readonly grants: boolean;
  readonly open: boolean;
  /** How a grant's patterns match a name: the whole of it, or anywhere in it as the vendor's wording allows. */
  readonly patternMatch: 'full' | 'search';
  /** What the bearer of a token without `authorized_uuid` counts as at the channel gate. */
  readonly unboundTokens: 'stated' | 'authenticated';
  readonly groupAdd: 'covered' | 'vendor';
  /** What refused clients are told: the exact code, or one code for whatever they may not know about. */
  readonly explainToClients: 'short' | 'full';
  /** The most items a rule's `history` may ask for. */
  readonly historyMax: number;
  /** With rules off, the `history` of the one rule every legal name behaves under. */
  readonly historyDefault: number;
  /** A later rule may widen what older items' audiences were. */
  readonly historyWiden: boolean;
  /** Dots of a wildcard name: 2 allows `a.*` and `a.b.*`. */
  readonly wildcardDots: number;
  readonly features: Features;
}

/** Which parts of the product an app offers; `server` means for servers only. */
export interface Features {
  readonly presence: boolean;
  readonly history: boolean;
  readonly deleteHistory: boolean;
  readonly groups: boolean;
  readonly appContext: boolean;
  readonly files: boolean;
  readonly reactions: boolean;
  readonly signals: boolean;
  readonly wildcards: boolean;
  readonly revoke: boolean;
  readonly globalHereNow: boolean | 'server';
  readonly listAll: boolean | 'server';
}
