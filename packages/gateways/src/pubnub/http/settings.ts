/** What readers of presence are told, in the vendor's words. */
export type PresenceEventType = 'join' | 'leave' | 'timeout' | 'state-change' | 'interval';

/** The presence events of the channels under one target. */
export interface PresenceEvents {
  readonly target: string;
  readonly nested: boolean;
  readonly events: readonly PresenceEventType[];
}

/**
 * `pubnub` of an app's configuration: the vendor's limits and switches, resolved with their defaults. Sizes in bytes, times
 * in ms. Going over a limit is refused with `limit.<name>` where the vendor has no words of its own.
 */
export interface PubNubSettings {
  /** Channel names, group names and user ids are held to the vendor's narrower set: see `name`. */
  readonly strictNames: boolean;
  /** With `strictNames`: bytes of a channel or group name and of a user id. */
  readonly nameBytes: number;
  /** Bytes of a request line. */
  readonly maxUrl: number;
  /** Bytes that a body may have beyond `limits.message`, compressed or not. */
  readonly bodyEnvelope: number;
  /** How far the timestamp of a signed request may be from this server's clock. */
  readonly signatureWindow: number;
  /** Signatures of changes that are remembered, so that none counts twice. */
  readonly rememberedSignatures: number;

  /** A poll for which nothing arrives is answered after this. */
  readonly pollTimeout: number;
  /** Messages of one answer to a poll. */
  readonly pollMessages: number;
  /** Channels, groups included, that one call may name. */
  readonly channelsPerCall: number;
  /** Groups that one call may name. */
  readonly groupsPerCall: number;
  readonly channelsPerGroup: number;
  /** Bytes of a signal's payload. */
  readonly signal: number;
  /** How far back a poll goes on from a cursor of another node or process: it may repeat, so that it never skips. */
  readonly resumeMargin: number;
  /** Whether stream filters are offered. */
  readonly filters: boolean;
  /** Characters, and operators, of a stream filter. */
  readonly filterLength: number;
  readonly filterTerms: number;

  /** How long a user stays present after its last heartbeat, where no heartbeat said. */
  readonly presenceTimeout: number;
  /** Bounds of what a heartbeat may say. */
  readonly minPresenceTimeout: number;
  readonly maxPresenceTimeout: number;
  /** Above so many occupants a channel announces counts instead of each join and leave. */
  readonly announceMax: number;
  /** How often counts are announced. */
  readonly presenceInterval: number;
  /** Whether those announcements list who came and went. */
  readonly presenceDeltas: boolean;
  /** Which presence events are told where; empty: all of them everywhere. The first whose target matches counts. */
  readonly presenceEvents: readonly PresenceEvents[];
  /** Bytes of those lists beyond which clients are told to ask here-now instead. */
  readonly presenceDeltasBytes: number;
  /** Whether a subscriber leaves at once when its connection breaks off in a poll. */
  readonly leaveOnDisconnect: boolean;
  /** So long after it, unless the user was heard of again. */
  readonly leaveDebounce: number;
  /** Occupants of one answer of here-now. */
  readonly hereNowPage: number;
  /** Bytes of a user's state on a channel, as JSON. */
  readonly state: number;
  /** States of users who are not present that are kept, for `presenceTimeout`; the oldest goes first. */
  readonly keptStates: number;

  /** Messages of one page: of one channel, and of each of several or with reactions. */
  readonly historyPage: number;
  readonly historyPageOfMany: number;
  /** Channels of one call for history. */
  readonly historyChannelsPerCall: number;
  readonly reactionsPage: number;
  /** Characters of a reaction's type and value. */
  readonly reactionType: number;
  readonly reactionValue: number;

  /** Reactions of one message, and of one user per second (`Infinity` is off). */
  readonly reactionsPerMessage: number;
  readonly rateReactions: number;

  readonly objectsPage: number;
  /** Bytes of a name, description or other text of a user or channel. */
  readonly objectText: number;
  /** Bytes of custom fields as JSON. */
  readonly objectCustom: number;
  readonly membershipsPerUser: number;
  /** Changes of metadata and memberships by one user per second; `Infinity` is off. */
  readonly rateObjects: number;

  readonly fileSize: number;
  /** Bytes of a file's name. */
  readonly fileName: number;
  readonly filesPage: number;
  /** Files of the app in all, forms given out included, and their bytes together. */
  readonly filesPerApp: number;
  readonly filesBytes: number;
  /** How long an upload form and a download link hold. */
  readonly fileLink: number;
}
