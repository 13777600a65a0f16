import type { Audience, SendTarget } from './audience.ts';
import type { Operation } from './operations.ts';
import type { Principal } from './principal.ts';

/** One question to `decide()`. Everything it depends on is in here or in the `Policy`; it reads no clock. */
export interface AccessRequest {
  readonly operation: Operation;
  readonly principal: Principal;
  /** ms since 1970, from a clock that never steps back. */
  readonly now: number;
  /** Channel, or the group or user for operations whose resource is one. As the client spelled it, decoded once. */
  readonly name?: string;
  /**
   * Whether the asker is joined to the channel. Absent on stateless calls: *joined* then reads *may join now*.
   * `connect`: true when the connection is open already and its identity is decided again.
   */
  readonly joined?: boolean;
  /** `publish`: to whom. */
  readonly target?: SendTarget;
  /** `publish` to a session or user: what the sender may rely on about the other end. */
  readonly peer?: PeerStanding;
  /** `receive`, `history.item`, `reactions.add`, `reactions.remove`: the audience the item was published to. */
  readonly audience?: Audience;
  /** `receive`, `history.item`: session id of the asker, for items to one session. */
  readonly session?: string;
  /** Whose it is, for what belongs to one user (state, a reaction). Absent: the asker's own. */
  readonly subject?: Subject;
  /**
   * `subscribe.member`, `receive`, `heartbeat`, `here-now`, `state.get`, `state.set`: the group or wildcard through which
   * the channel is reached. The bearer gate is then asked about it. What else is done on the channel needs the permission
   * on the channel.
   */
  readonly via?: Via;
}

/** A user as an owner: a proven user and one of the same name that is only stated are two. */
export interface Subject {
  readonly user: string;
  readonly proven: boolean;
}

/** A group or wildcard as the client spelled it, without `-pnpres`. */
export type Via = { readonly group: string } | { readonly wildcard: string };

export interface PeerStanding {
  /** Joined to the same channel. An unknown session or user is not joined. */
  readonly joined: boolean;
  readonly authenticated: boolean;
  /** The target is the asker itself. */
  readonly self: boolean;
}
