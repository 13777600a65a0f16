import type { Code } from '@portcullis/policy';
import type { Member, Publication } from '../publication.ts';

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

/** What the engine tells one session beside publications. */
export type Notice =
  /** Join acknowledged. `self` is the session's own entry. */
  | { readonly type: 'joined'; readonly channel: string; readonly self: Member }
  | { readonly type: 'left'; readonly channel: string; readonly self: Member }
  /** The roster: at most `presence.rosterMax` members of `total`. */
  | { readonly type: 'roster'; readonly channel: string; readonly members: readonly Member[]; readonly total: number }
  | { readonly type: 'history'; readonly channel: string; readonly items: readonly Publication[] }
  /** Something was taken away: the subscription (`left: true`, the last word on that channel), or presence alone. */
  | {
      readonly type: 'lost';
      readonly channel: string;
      readonly code: Code;
      readonly message: string;
      readonly left: boolean;
      readonly self: Member;
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
