import type { Position, Timetoken } from './json.ts';
import type { Item, Member, Sender } from './shown.ts';

/**
 * What the server says: answers, which carry the `id` of what they answer, and pushes, which do not. A text frame holds
 * one message or an array of them.
 */
export type ServerMessage =
  | Connected
  | Joined
  | Left
  | Published
  | RosterSnapshot
  | HistoryPage
  | StateSet
  | TokenSwapped
  | Pong
  | Failed
  | Messages
  | PresenceChanged
  | Lost
  | TokenExpired
  | Closing;

interface Answer {
  readonly id: number;
}

export interface Connected extends Answer {
  readonly type: 'connected';
  /** Names this connection; new with each one, but for one that came back with `resume`. Others may send to it in private. */
  readonly session: string;
  /** As others see this connection. */
  readonly self: Member;
  /** Whether the user id is proven, as seen by rules that tell the authenticated from others. */
  readonly authenticated: boolean;
  /** ms since 1970 by the server's clock; absent when no proof ends. */
  readonly expiresAt?: number;
  /**
   * A secret to show in the `connect` of the next connection, should this one be lost: within `presence.grace` its client
   * has then not left. Absent: no such grace.
   */
  readonly resume?: string;
  /** The server's clock, ms since 1970. */
  readonly now: number;
  /** ms between the pings of the server; a client that hears nothing for twice as long may take the connection as lost. */
  readonly ping: number;
  /** Bytes of one message's JSON text, at most. */
  readonly maxMessage: number;
  /** Bytes of one frame of the client, at most. */
  readonly maxFrame: number;
  /** Messages of one frame of the client, at most. */
  readonly maxCommands: number;
}

/** Entered. What was missed or asked for follows as `history` under the same `id`, before anything live of the channel. */
export interface Joined extends Answer {
  readonly type: 'joined';
  readonly channel: string;
  /** Where the channel's log stood when this client entered; `null` where nothing can be recovered. */
  readonly position: Position | null;
  /** Present when `recover` was asked for. `complete`: exactly what was missed follows. `gap`: something may be missing. */
  readonly recovery?: 'complete' | 'gap';
  /** Whether presence is shared with this connection: asked for, and offered by the rule. The roster follows then, and its changes. */
  readonly presence?: boolean;
}

export interface Left extends Answer {
  readonly type: 'left';
  readonly channel: string;
}

/** Placed, and where the channel keeps history durable. */
export interface Published extends Answer {
  readonly type: 'published';
  /** `null` for what takes no place in the channel's log. */
  readonly position: Position | null;
  readonly timetoken: Timetoken;
  /** It had been published before under the same key. */
  readonly repeated?: true;
}

/** The roster, as an answer or, without `id`, as a push that replaces what was known. */
export interface RosterSnapshot {
  readonly type: 'roster';
  readonly id?: number;
  readonly channel: string;
  readonly members: readonly Member[];
  /** All who are here; more than `members` where the roster is longer than is sent. */
  readonly total: number;
}

export interface HistoryPage extends Answer {
  readonly type: 'history';
  /** It answers a join: its history, or what was missed. `more` then says whether another such page follows. */
  readonly join?: true;
  readonly channel: string;
  /** Oldest first. */
  readonly messages: readonly Item[];
  /** Whether there may be more in the direction asked. */
  readonly more: boolean;
}

export interface StateSet extends Answer {
  readonly type: 'state';
  readonly channel: string;
}

export interface TokenSwapped extends Answer {
  readonly type: 'token';
  readonly expiresAt?: number;
}

export interface Pong extends Answer {
  readonly type: 'pong';
}

/** A refusal. Without `id`: about something that cannot be told apart, such as a malformed frame. */
export interface Failed {
  readonly type: 'error';
  readonly id?: number;
  readonly channel?: string;
  /** One of `docs/codes.md`. */
  readonly code: string;
  /** A sentence for people. */
  readonly message: string;
  /** What would have to change; said where exact reasons are told (`explainToClients: full`). */
  readonly fix?: string;
}

/** What one turn brought for a channel, in order. All items are of `epoch`, where they have an offset. */
export interface Messages {
  readonly type: 'messages';
  readonly channel: string;
  readonly epoch?: string;
  /** Who sent all of them: then none of the items says so itself. */
  readonly from?: Sender;
  readonly messages: readonly Item[];
}

export interface PresenceChanged {
  readonly type: 'presence';
  readonly channel: string;
  readonly action: 'join' | 'leave' | 'timeout' | 'state';
  readonly member: Member;
  /** Distinct users after the change; each anonymous connection counts as one. */
  readonly occupancy: number;
}

/** Something was taken away on a live connection: the whole channel, after its last message, or presence alone. */
export interface Lost {
  readonly type: 'lost';
  readonly channel: string;
  readonly what: 'channel' | 'presence';
  readonly code: string;
  readonly message: string;
}

/**
 * The token no longer holds (expired or revoked; a `lost` came for each channel). The connection waits `grace` ms for
 * another token of the same user, then it is closed.
 */
export interface TokenExpired {
  readonly type: 'token-expired';
  readonly code: string;
  readonly message: string;
  readonly grace: number;
}

/** The last message before the close frame. */
export interface Closing {
  readonly type: 'closing';
  readonly code: string;
  readonly message: string;
  /** Whether to come back by oneself. */
  readonly reconnect: boolean;
}
