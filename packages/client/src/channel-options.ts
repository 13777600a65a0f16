import type { JsonObject, To } from '@portcullis/protocol';

export interface JoinOptions {
  /** The roster, and its changes. */
  readonly presence?: boolean;
  /** How many of the newest messages to be sent at the join. */
  readonly history?: number;
  /** After a reconnect, what was missed. Default: yes. */
  readonly recover?: boolean;
}

export interface PublishOptions {
  /** Default: everyone joined. */
  readonly to?: To;
  /** Beside the payload. */
  readonly meta?: JsonObject;
  /** Names the publication: said twice, it is published once. Made up where there is none. */
  readonly key?: string;
}

export interface HistoryOptions {
  readonly limit?: number;
  /** Timetoken: only older items. */
  readonly before?: string;
  /** Timetoken: only newer items. */
  readonly after?: string;
  /** The private items between oneself and another. */
  readonly with?: { readonly session: string } | { readonly user: string };
}
