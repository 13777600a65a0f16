import type { Socket } from 'node:net';
import type { Clock, Ending, MaybePromise } from '@portcullis/engine';
import type { RawData } from 'ws';
import type { DoorSocket } from './door-socket.ts';
import { InOrder } from './in-order.ts';
import type { Beating, Keepalive } from './keepalive.ts';
import { type OutletOwner, WsOutlet } from './ws-outlet.ts';

const IGNORE = (): void => {};

/** One upgraded connection, before it is known who has come. */
export interface Arrival {
  readonly ws: DoorSocket;
  readonly socket: Socket;
  readonly app: string;
  readonly address: string;
}

export interface LineDeps {
  readonly clock: Clock;
  readonly keepalive: Keepalive;
  /** Items that may wait for their turn before nothing more is read. */
  readonly pending: () => number;
}

/** Whoever speaks the wire of a door on one connection. */
export interface LineOwner<T> {
  /** A frame came; whatever it says is pushed to be handled in its turn. */
  receive(data: RawData, isBinary: boolean): void;
  /** Never throws and never rejects. */
  handle(item: T): MaybePromise<void>;
  /** The last bytes of a connection that we end. */
  farewell(ending: Ending): Uint8Array;
  /** The last bytes of a connection that its peer ends, or that broke RFC 6455. */
  answerClosing(code: number | undefined): Uint8Array;
  /** The socket took all it was handed. */
  drained(): void;
  /** The connection is over. May be called more than once. */
  left(): void;
}

/**
 * One WebSocket connection as every door runs it: what comes in is handled strictly in order, and past a bound nothing
 * more is read; what goes out goes by the outlet alone; a peer that gives no sign of life is dropped.
 */
export class Line<T> implements Beating, OutletOwner {
  readonly outlet: WsOutlet;
  readonly #arrival: Arrival;
  readonly #owner: LineOwner<T>;
  readonly #input: InOrder<T>;
  readonly #keepalive: Keepalive;
  /** Bytes that had been read at the last beat. */
  #readAtBeat = -1;

  constructor(arrival: Arrival, { clock, keepalive, pending }: LineDeps, owner: LineOwner<T>) {
    const { ws, socket } = arrival;
    this.#arrival = arrival;
    this.#owner = owner;
    this.#keepalive = keepalive;
    this.outlet = new WsOutlet({ socket, clock, owner: this });
    this.#input = new InOrder({
      handle: (item) => owner.handle(item),
      max: pending,
      pause: () => ws.pause(),
      resume: () => ws.resume(),
    });
    ws.closing = (code) => this.#closing(code);
    ws.on('message', (data, isBinary) => {
      if (!this.outlet.ended) owner.receive(data, isBinary);
    });
    ws.on('ping', (payload) => this.outlet.pong(payload));
    ws.on('error', IGNORE);
    socket.once('end', () => owner.left());
    ws.once('close', () => {
      this.stopped();
      owner.left();
    });
    keepalive.add(this);
  }

  /** Has the item handled when those before it have been. */
  push(item: T): void {
    this.#input.push(item);
  }

  beat(): void {
    const { ws, socket } = this.#arrival;
    const silent = socket.bytesRead === this.#readAtBeat && !ws.isPaused;
    if (silent) {
      this.outlet.reset();
      this.#owner.left();
      return;
    }
    this.#readAtBeat = socket.bytesRead;
    this.outlet.ping();
  }

  farewell(ending: Ending): Uint8Array {
    return this.#owner.farewell(ending);
  }

  drained(): void {
    this.#owner.drained();
  }

  stopped(): void {
    this.#input.stop();
    this.#keepalive.remove(this);
  }

  #closing(code: number | undefined): void {
    this.outlet.finish(this.#owner.answerClosing(code));
    this.#owner.left();
  }
}
