import type { Position, Timetoken } from '@portcullis/engine';
import type { Code, JsonObject, SendTarget } from '@portcullis/policy';

/** What a client can ask for on this door. Names are as the client spelled them; who may do what is decided elsewhere. */
export type Command = Connect | Join | Leave | Publish | Roster | History | SetState | SwapToken | Ping;

interface Asked {
  /** The client's own number; answers carry it. */
  readonly id: number;
}

export interface Connect extends Asked {
  readonly type: 'connect';
  readonly token?: string;
  readonly user?: string;
  readonly resume?: string;
}

export interface Join extends Asked {
  readonly type: 'join';
  readonly channel: string;
  readonly presence: boolean;
  readonly history: number;
  readonly recover?: Position;
  readonly state?: JsonObject;
}

export interface Leave extends Asked {
  readonly type: 'leave';
  readonly channel: string;
}

export interface Publish extends Asked {
  readonly type: 'publish';
  readonly channel: string;
  readonly target: SendTarget;
  /** JSON text, made anew from the parsed payload: no key twice, no lone surrogate, no white space between. */
  readonly data: string;
  readonly key?: string;
  /** JSON text, as `data`. */
  readonly meta?: string;
}

export interface Roster extends Asked {
  readonly type: 'roster';
  readonly channel: string;
}

export interface History extends Asked {
  readonly type: 'history';
  readonly channel: string;
  readonly limit?: number;
  readonly before?: Timetoken;
  readonly after?: Timetoken;
  readonly with?: { readonly session: string } | { readonly user: string };
}

export interface SetState extends Asked {
  readonly type: 'state';
  readonly channel: string;
  readonly state: JsonObject | null;
}

export interface SwapToken extends Asked {
  readonly type: 'token';
  readonly token: string;
}

export interface Ping extends Asked {
  readonly type: 'ping';
}

/** A message that cannot be a command, in words for its sender. `id` and `channel` are there when it had them. */
export interface Problem {
  readonly type: 'problem';
  readonly code: Code;
  readonly message: string;
  readonly id?: number;
  readonly channel?: string;
}
