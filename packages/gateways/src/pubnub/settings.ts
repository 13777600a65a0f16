/** Bounds and switches of one app on this door, resolved by the configuration (`pubnub.<name>`). Sizes in bytes, times in ms. */
export interface PubNubSettings {
  /** How long a poll hangs before it is answered with nothing. Clients wait 310 s. */
  readonly pollTimeout: number;
  /** Most items of one answer. */
  readonly pollItems: number;
  /** How far back a cursor of another node or process is resumed from. Repeats, so that nothing is skipped. */
  readonly resumeMargin: number;
  /** Bytes of a signal's JSON text. */
  readonly signal: number;
  /** Channel groups in one call. */
  readonly groupsPerCall: number;
  readonly channelsPerGroup: number;
  /** Whether stream filters are offered. */
  readonly filters: boolean;
  /** Bytes of a filter expression. */
  readonly filter: number;
  /** Levels of nesting of a filter expression. */
  readonly filterDepth: number;
  readonly presence: PresenceSettings;
}

export interface PresenceSettings {
  /** Above so many occupants a channel tells counts instead of each join and leave. */
  readonly announceMax: number;
  /** How often it tells them. */
  readonly interval: number;
  /** Whether counts come with the names of those who came and went. */
  readonly deltas: boolean;
  /** Bytes of names beyond which clients are told to ask who is here instead. */
  readonly deltasMax: number;
  /** Presence ends so long after the last sign of life, unless the client says otherwise. */
  readonly timeout: number;
  /** The least and the most a client may ask for. */
  readonly timeoutMin: number;
  readonly timeoutMax: number;
  /** Whether a client that closes its poll leaves; `debounce` later, unless it was heard of again. */
  readonly leaveOnClose: boolean;
  readonly debounce: number;
  /** Bytes of one user's state on one channel. */
  readonly state: number;
  /** Occupants listed in one answer, per channel. */
  readonly hereNowLimit: number;
}

/** The vendor's, where it documents them. */
export const PUBNUB_DEFAULTS: PubNubSettings = {
  pollTimeout: 280_000,
  pollItems: 100,
  resumeMargin: 5_000,
  signal: 64,
  groupsPerCall: 10,
  channelsPerGroup: 2_000,
  filters: true,
  filter: 4_096,
  filterDepth: 32,
  presence: {
    announceMax: 20,
    interval: 30_000,
    deltas: true,
    deltasMax: 30 * 1024,
    timeout: 300_000,
    timeoutMin: 1_000,
    timeoutMax: 3_600_000,
    leaveOnClose: false,
    debounce: 2_000,
    state: 2_048,
    hereNowLimit: 1_000,
  },
};
