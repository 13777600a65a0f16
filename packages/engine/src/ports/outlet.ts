import type { Code } from '@portcullis/policy';
import type { Member, Position, Publication } from '../publication.ts';

/** Why a connection ends; the door chooses its close code and words. */
export interface Ending {
  readonly code: Code;
  readonly message: string;
}

/** One connection as the engine sees it, made by a door. */
export interface Outlet {
  /** Hands bytes to the socket, in order. Never throws; after `end` or a lost connection it does nothing. */
  write(bytes: Uint8Array): void;
  /** Bytes handed over that the operating system has not taken yet. */
  buffered(): number;
  /** Between these, writes may be gathered into one system call. */
  cork(): void;
  uncork(): void;
  /**
   * A cut: stops reading at once, sends what the door says last (its error frame, its close frame), and resets the
   * socket one second later if the peer has not gone by then. Nothing is written after it.
   */
  end(ending: Ending): void;
}

/** Join acknowledged. */
export interface Joined {
  readonly type: 'joined';
  readonly channel: string;
  /** The session's own entry. */
  readonly self: Member;
  /** Where the channel's log stood: whoever comes back with it misses nothing that came later. */
  readonly position: Position | null;
  /** Presence was asked for, and is shared. */
  readonly presence: boolean;
  /** A position to go on from was given. `complete`: exactly what was missed follows, as pages of history. */
  readonly recovery?: 'complete' | 'gap';
  readonly ref?: number;
}

/** A page of a channel's history, or of what was missed; oldest first. */
export interface HistoryPage {
  readonly type: 'history';
  readonly channel: string;
  readonly items: readonly Publication[];
  /** It comes with a join, before anything live: what the join asked for, or what was missed. */
  readonly join: boolean;
  /** `join`: whether another such page follows. Otherwise whether there may be more in the direction asked. */
  readonly more: boolean;
  readonly ref?: number;
}

/** What the engine tells one session beside publications. `ref`: the door's own number of the command it answers. */
export type Notice =
  | Joined
  | { readonly type: 'left'; readonly channel: string; readonly self: Member; readonly ref?: number }
  /** The roster: at most `presence.rosterMax` members of `total`. Without `ref` it replaces what was known. */
  | {
      readonly type: 'roster';
      readonly channel: string;
      readonly members: readonly Member[];
      readonly total: number;
      readonly ref?: number;
    }
  | HistoryPage
  /** Something was taken away: the subscription (`left: true`, the last word on that channel), or presence alone. */
  | {
      readonly type: 'lost';
      readonly channel: string;
      readonly code: Code;
      readonly message: string;
      readonly left: boolean;
      readonly self: Member;
    }
  /** The session's proof no longer holds, and it has lost its channels; it is ended after `grace` ms unless another comes. */
  | {
      readonly type: 'token-expired';
      readonly channel?: never;
      readonly code: Code;
      readonly message: string;
      readonly grace: number;
    }
  /** A command was refused. `channel` absent: about the connection. */
  | { readonly type: 'refused'; readonly channel?: string; readonly code: Code; readonly message: string };

/**
 * One wire format. Stateless: the same input gives the same bytes, so one buffer serves every receiver of a class.
 * The bytes are complete frames, ready for the socket.
 */
export interface Codec {
  readonly name: string;
  /** Publications of one channel in order, joined. Called once per class of receivers and flush. */
  publications(batch: readonly Publication[]): Uint8Array;
  notice(notice: Notice): Uint8Array;
}
