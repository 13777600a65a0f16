import type { Code, Principal } from '@portcullis/policy';
import type { Position, Timetoken } from './publication.ts';

/** A command that was refused: the code the client may see, and the sentence beside it. */
export interface Refused {
  readonly ok: false;
  readonly code: Code;
  readonly message: string;
}

/** Whom a door sent away, and why. */
export interface TurnedAway {
  readonly code: Code;
  /** Absent: the code's own sentence. */
  readonly message?: string;
  /** Where it came from, after trusted proxies. */
  readonly address: string;
  /** Who it is, where something proves it. */
  readonly principal?: Principal;
}

export type JoinOutcome = { readonly ok: true } | Refused;
export type LeaveOutcome = { readonly ok: true } | Refused;
export type HistoryOutcome = { readonly ok: true } | Refused;
export type RosterOutcome = { readonly ok: true } | Refused;
export type StateOutcome = { readonly ok: true } | Refused;
/** `expiresAt`: ms since 1970; `Infinity` when no proof ends. */
export type SwapOutcome = { readonly ok: true; readonly expiresAt: number } | Refused;
export type PublishOutcome =
  | {
      readonly ok: true;
      readonly position: Position | null;
      readonly timetoken: Timetoken;
      /** It had been published before under the same key: this is the answer of then. */
      readonly repeated?: true;
    }
  | Refused;
/** `delivered`: sessions of this node it was meant for when it was handed out. */
export type EventOutcome =
  | { readonly ok: true; readonly position: Position | null; readonly timetoken: Timetoken; readonly delivered: number }
  | Refused;

/** The acknowledgement of `enforcement.md`: nothing whose publish began after it, nor with a greater timetoken, reaches the denied. */
export interface CommitAck {
  readonly epoch: number;
  readonly timetoken: Timetoken;
}
