import type { Socket } from 'node:net';
import type { Clock, Ending, Outlet } from '@portcullis/engine';
import { Slot } from './slot.ts';

/** How long a peer may take to leave after its last frame. */
const FAREWELL_MS = 1_000;
/** Bytes read and thrown away while a peer takes its leave, so that its own farewell is noticed; a flood is not. */
const DISCARD_MAX = 64 * 1024;
const EMPTY = Buffer.alloc(0);
/** Up to so many bytes it costs less to put what was gathered next to each other than to hand over the pieces. */
const JOINED_MAX = 16 * 1024;

/** What is written between `cork` and `uncork`. */
interface Gathered {
  readonly pieces: Uint8Array[];
  bytes: number;
}

/** Who runs the connection. */
export interface OutletOwner {
  /** The last bytes for an ending: error frame and close frame, as the door words them. */
  farewell(ending: Ending): Uint8Array;
  /** The socket took all it was handed. */
  drained(): void;
  /** Nothing that arrives from now on is handled. */
  stopped(): void;
  /** The connection is gone. */
  closed(): void;
}

export interface SocketOutletDeps {
  /** The connection. Only this outlet writes to it. */
  readonly socket: Socket;
  readonly clock: Clock;
  readonly owner: OutletOwner;
}

/**
 * The way out to one connection. Everything on the wire is a whole piece of it, written by this object alone, so the
 * order of writes is the order of pieces. A cut stops the input in the same turn, writes the farewell, and resets the
 * connection one second later whether or not the peer reads or answers: closing alone is not cutting.
 */
export class SocketOutlet implements Outlet {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #owner: OutletOwner;
  #ended = false;
  /** `null` unless corked. The stream's own corking takes an object for each write, and a slower system call. */
  #gathered: Gathered | null = null;
  #asked = false;
  #callOff: (() => void) | undefined;

  constructor({ socket, clock, owner }: SocketOutletDeps) {
    this.#socket = socket;
    this.#clock = clock;
    this.#owner = owner;
    outlets.set(socket, this);
    socket.on('drain', onDrain);
    socket.on('close', onClose);
  }

  get ended(): boolean {
    return this.#ended;
  }

  write(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (this.#ended || !socket.writable) return;
    if (this.#gathered !== null) {
      this.#gathered.pieces.push(bytes);
      this.#gathered.bytes += bytes.length;
      return;
    }
    const room = socket.write(bytes);
    if (room && socket.writableLength > 0) this.#askForDrain();
  }

  buffered(): number {
    const { writableLength } = this.#socket;
    return this.#gathered === null ? writableLength : writableLength + this.#gathered.bytes;
  }

  cork(): void {
    this.#gathered ??= { pieces: [], bytes: 0 };
  }

  /** Writes what was gathered. When the system takes all of it at once no drain is announced, so it is said here. */
  uncork(): void {
    const socket = this.#socket;
    if (this.#ended || !socket.writable) return;
    this.#writeGathered();
    if (socket.writableLength === 0) this.#owner.drained();
    else if (!socket.writableNeedDrain) this.#askForDrain();
  }

  /** Whether the peer takes what it is sent. */
  get flowing(): boolean {
    return !this.#socket.writableNeedDrain;
  }

  end(ending: Ending): void {
    if (!this.#ended) this.finish(this.#owner.farewell(ending));
  }

  /** A cut with these last bytes. */
  finish(farewell: Uint8Array): void {
    if (this.#ended) return;
    this.#ended = true;
    const socket = this.#socket;
    this.#owner.stopped();
    socket.removeAllListeners('data');
    socket.pause();
    socket.off('drain', onDrain);
    if (socket.destroyed) return;
    if (socket.writable) {
      this.#writeGathered();
      socket.end(farewell);
    }
    this.#callOff = this.#clock.after(FAREWELL_MS, () => this.reset());
    this.#discard();
  }

  /** Ends the connection without a word: what was not sent yet is gone, for the peer too. */
  reset(): void {
    const socket = this.#socket;
    if (!this.#ended) {
      this.#ended = true;
      this.#owner.stopped();
    }
    try {
      socket.resetAndDestroy();
    } catch {
      // A TLS connection has no reset of its own (ERR_INVALID_HANDLE_TYPE).
      socket.destroy();
    }
  }

  /** The socket took what it was handed. */
  drained(): void {
    this.#owner.drained();
  }

  /** The connection is gone. */
  closed(): void {
    this.#ended = true;
    this.#callOff?.();
    this.#owner.closed();
  }

  #writeGathered(): void {
    if (this.#gathered === null) return;
    const socket = this.#socket;
    const { pieces, bytes } = this.#gathered;
    this.#gathered = null;
    const [only] = pieces;
    if (only !== undefined && pieces.length === 1) {
      socket.write(only);
    } else if (bytes <= JOINED_MAX) {
      if (bytes > 0) socket.write(Buffer.concat(pieces, bytes));
    } else {
      socket.cork();
      for (const piece of pieces) socket.write(piece);
      socket.uncork();
    }
  }

  #discard(): void {
    const socket = this.#socket;
    let discarded = 0;
    socket.on('data', (bytes: Buffer) => {
      discarded += bytes.length;
      if (discarded > DISCARD_MAX) socket.pause();
    });
    socket.resume();
  }

  /** Below its high-water mark a stream never says that it drained; an empty write at the end of the queue does. */
  #askForDrain(): void {
    if (this.#asked) return;
    this.#asked = true;
    this.#socket.write(EMPTY, (failed?: Error | null) => {
      this.#asked = false;
      if (!failed && !this.#ended) this.#owner.drained();
    });
  }
}

const outlets = new Slot<Socket, SocketOutlet>();

function onDrain(this: Socket): void {
  outlets.of(this)?.drained();
}

function onClose(this: Socket): void {
  outlets.of(this)?.closed();
}
