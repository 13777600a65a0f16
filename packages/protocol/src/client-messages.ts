import type { Json, JsonObject, Position, Timetoken } from './json.ts';

/**
 * What a client says. A text frame holds one message or an array of them; they are carried out in order, and several
 * may be under way: each answer carries the `id` of its message.
 */
export type ClientMessage = Connect | Join | Leave | Publish | Roster | History | SetState | SwapToken | Ping;

interface Asked {
  /** Chosen by the client, positive, at most 2^53 - 1; answers carry it. Ids need not be consecutive. */
  readonly id: number;
}

/** First, and once. Nothing else is carried out before it is answered. */
export interface Connect extends Asked {
  readonly type: 'connect';
  /** A JWT, a JWE or a permission token. Absent: anonymous. */
  readonly token?: string;
  /** A user id that is only stated: a label. Ignored where the token proves one; another than the proven is refused. */
  readonly user?: string;
  /** `connected.resume` of the connection before, to be taken for it by others. One that is not known (any more) is as none. */
  readonly resume?: string;
}

/** Again on a channel already joined: takes on the new options and sends the snapshots again; nobody else is told. */
export interface Join extends Asked {
  readonly type: 'join';
  readonly channel: string;
  /** The roster now, and its changes as they happen. Without effect where the rule shares no presence. */
  readonly presence?: boolean;
  /** How many of the newest messages to send with the answer; at most what the rule keeps. */
  readonly history?: number;
  /** The last position this client saw: exactly what it missed is sent; or `recovery: "gap"`, and then `history` if asked for. */
  readonly recover?: Position;
  /** What to say of oneself in the roster, from the first moment on. */
  readonly state?: JsonObject;
}

export interface Leave extends Asked {
  readonly type: 'leave';
  readonly channel: string;
}

/** To whom: everyone joined (also when absent), the authenticated, one connection, or the proven connections of one user. */
export type To = 'everyone' | 'authenticated' | { readonly session: string } | { readonly user: string };

export interface Publish extends Asked {
  readonly type: 'publish';
  readonly channel: string;
  readonly data: Json;
  readonly to?: To;
  /**
   * 1 to 64 characters, unique among this sender's messages on the channel: a second publish under it within the replay
   * window is not published again, and is answered as the first was.
   */
  readonly key?: string;
  /** Beside the payload; shown to receivers, looked at by filters. */
  readonly meta?: JsonObject;
}

/** Who is here now. */
export interface Roster extends Asked {
  readonly type: 'roster';
  readonly channel: string;
}

/** A page of what was said, oldest first. Without bounds the newest. */
export interface History extends Asked {
  readonly type: 'history';
  readonly channel: string;
  readonly limit?: number;
  /** Only older items than this. */
  readonly before?: Timetoken;
  /** Only newer items than this. */
  readonly after?: Timetoken;
  /** The private items between oneself and this connection's user, or this user. */
  readonly with?: { readonly session: string } | { readonly user: string };
}

/** What others see of oneself in the roster of a channel; `null` takes it back. */
export interface SetState extends Asked {
  readonly type: 'state';
  readonly channel: string;
  readonly state: JsonObject | null;
}

/** A new token for this connection, for the same user. It takes effect between two messages: no gap, no duplicate. */
export interface SwapToken extends Asked {
  readonly type: 'token';
  readonly token: string;
}

export interface Ping extends Asked {
  readonly type: 'ping';
}
