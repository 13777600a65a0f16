import type { Audience, JsonObject } from '@portcullis/policy';

/** A message's place in its channel's log. `epoch` changes when the log was lost. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** 100 ns units since 1970; strictly increasing per app. 17 digits, so a string on every wire. */
export type Timetoken = bigint;

/** The sender of a publication as receivers may see it. */
export interface Sender {
  readonly session: string;
  /** Proven user id; `''` for the anonymous and for ids that are only stated. */
  readonly user: string;
  /** 0 for senders that are not proven. */
  readonly table: number | string;
  readonly row: number | string;
  readonly extras: JsonObject;
  /** A user id that was only stated: a label, for wires that have room for one. */
  readonly claimed?: string;
}

/**
 * `signal`: small, never kept. `file`: announces a file. `action`: a reaction to a message was added or removed.
 * `object`: app context changed.
 */
export type PublicationKind = 'message' | 'event' | 'presence' | 'signal' | 'file' | 'action' | 'object';

/** What is asked of the broker to be given a place. */
export interface Draft {
  readonly app: string;
  readonly channel: string;
  readonly kind: PublicationKind;
  readonly audience: Audience;
  /** `null`: from a server. */
  readonly sender: Sender | null;
  /** JSON text of the payload; `''` for a change of presence. */
  readonly data: string;
  /** Absent on presence that a door announces itself: counts of a crowded channel, as `data`. */
  readonly presence?: PresenceChange;
  /** Of presence that a door announces itself: the door whose readers it is for, where it is not for all. */
  readonly door?: string;
  /** Server events: the table and row as named by the backend; 0 when none. */
  readonly table?: number | string;
  readonly row?: number | string;
  /** JSON text of what the publisher says beside the payload; filters look at it. */
  readonly meta?: string;
  /** The publisher's own word for the kind of message. */
  readonly customType?: string;
  /** Whose it is, under which key: for the store, which tells one that is published again. */
  readonly once?: string;
  /** Whether it takes a place in the channel's log: it may then be recovered and kept in history. */
  readonly logged: boolean;
}

export interface PresenceChange {
  readonly action: 'join' | 'leave' | 'timeout' | 'state-change';
  readonly member: Member;
  /** Occupants after the change. */
  readonly occupancy: number;
  /**
   * False when the same user id was here before and is here after, or another session of it was told of with the same
   * state just now, or the proven user of an id that is only stated is here: on wires that list users, nothing happened.
   */
  readonly occupantChanged: boolean;
  /** `join`, `state-change`: what the occupant says of itself here. */
  readonly state?: JsonObject;
}

/** One joined session in a channel's roster. */
export interface Member {
  readonly session: string;
  /** Proven or stated user id; `''` for the anonymous. */
  readonly user: string;
  /** False when the id is only stated. */
  readonly proven: boolean;
  readonly table: number | string;
  readonly row: number | string;
  readonly extras: JsonObject;
  /** In a channel's roster: what it says of itself there. */
  readonly state?: JsonObject;
}

/** A draft with its place: what fan-out, history and recovery see. Immutable; one object for all receivers. */
export interface Publication extends Draft {
  readonly position: Position | null;
  readonly timetoken: Timetoken;
  /** Policy epoch of the app when it was given its place. */
  readonly stamp: number;
  /** Arrival number at this node, per channel; in-process only. */
  readonly seq: number;
}
