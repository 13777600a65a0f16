import type { Socket } from 'node:net';
import type { Ending, MaybePromise } from '@portcullis/engine';

/** One connection whose handshake was answered, before it is known who has come. */
export interface Arrival {
  readonly socket: Socket;
  /** Bytes of the largest message that is read. */
  readonly frameMax: number;
  readonly app: string;
  readonly address: string;
}

export interface LineLimits {
  /** Items that may wait for their turn before nothing more is read. */
  readonly pendingCommands: number;
  /** What may come before the first channel is joined: the bytes of frames, and 64 more for each. 64 KiB when absent. */
  readonly beforeJoin?: number;
}

/** Whoever speaks the wire of a door on one connection. */
export interface LineOwner<T> {
  /** A message came; whatever it says is pushed to be handled in its turn. Its bytes are good for the length of the call. */
  receive(bytes: Buffer, isBinary: boolean): void;
  /** A message was too large to be read before the first channel is joined. */
  passedOver(): void;
  /** Never throws and never rejects. */
  handle(item: T): MaybePromise<void>;
  /** The bounds as they are now. */
  limits(): LineLimits;
  /** Bytes of one message before the first channel is joined. */
  largestBeforeJoin(): number;
  /** The last bytes of a connection that we end. */
  farewell(ending: Ending): Uint8Array;
  /** The last bytes of a connection that its peer ends, or that broke RFC 6455. */
  answerClosing(code: number | undefined): Uint8Array;
  /** The socket took all it was handed. */
  drained(): void;
  /** The connection is over; `forGood`: its peer said that it is done. May be called more than once. */
  left(forGood: boolean): void;
}
