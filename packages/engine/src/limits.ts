/** Bounds of one app, resolved by the configuration; each refusal names its key as `limit.<name>`. Sizes in bytes, times in ms. */
export interface Limits {
  /** Bytes of one message's JSON text. */
  readonly message: number;
  /** Levels of nesting in a message. */
  readonly messageDepth: number;
  /** How often in a row what triggers publish may set off triggers. */
  readonly triggerHops: number;
  readonly channelsPerConnection: number;
  /** Channels of the app that keep history; `Infinity` is off. Clients begin no more of them, servers may. */
  readonly historyChannels: number;
  /** What a session may owe beyond the current turn before it is cut as too slow. */
  readonly sendBuffer: number;
  /** What is handed to a socket until it drains. */
  readonly inSocket: number;
  /** A connection in no channel is closed after this. */
  readonly joinTimeout: number;
  /** Roster entries sent at once. */
  readonly rosterMax: number;
  /** Bytes of a token's extras. */
  readonly extras: number;
  /** Commands of one connection that may wait for an answer. */
  readonly pendingCommands: number;
  /** Messages per second; `Infinity` is off. */
  readonly ratePerConnection: number;
  readonly ratePerUser: number;
  readonly ratePerChannel: number;
  readonly ratePerApp: number;
}
