import type { Socket } from 'node:net';
import type { Clock, Ending, MaybePromise } from '@portcullis/engine';
import { CODES } from '@portcullis/policy';
import { Allowance } from './allowance.ts';
import { FrameReader, type FrameSink } from './frame-reader.ts';
import { InOrder, type InOrderOwner } from './in-order.ts';
import type { Beating, Keepalive } from './keepalive.ts';
import type { Arrival, LineOwner } from './line-owner.ts';
import { Slot } from './slot.ts';
import type { OutletOwner } from './socket-outlet.ts';
import { WsOutlet } from './ws-outlet.ts';

/** RFC 6455: the purpose of the connection has been fulfilled. A page that is left, and a network that is lost, say otherwise. */
const DONE = 1000;

export interface LineDeps {
  readonly clock: Clock;
  readonly keepalive: Keepalive;
}

/** Bytes, where the app says nothing. */
const BEFORE_JOIN = 64 * 1024;
const NOTHING = Buffer.alloc(0);

/**
 * One WebSocket connection as every door runs it: what comes in is handled strictly in order, and past a bound nothing
 * more is read; what goes out goes by the outlet alone; a peer that gives no sign of life is dropped. Thousands of these
 * are idle: whatever few of them need is made when it is needed.
 */
export class Line<T> implements Beating, FrameSink, InOrderOwner<T>, OutletOwner {
  readonly outlet: WsOutlet;
  readonly #socket: Socket;
  readonly #owner: LineOwner<T>;
  readonly #reader: FrameReader;
  readonly #input: InOrder<T>;
  readonly #allowance = new Allowance();
  readonly #keepalive: Keepalive;
  /** Bytes that had been read at the last beat. */
  #readAtBeat = -1;

  constructor({ socket, frameMax }: Arrival, { clock, keepalive }: LineDeps, owner: LineOwner<T>) {
    this.#socket = socket;
    this.#owner = owner;
    this.#keepalive = keepalive;
    this.#reader = new FrameReader(frameMax, this);
    this.#input = new InOrder(this);
    lines.set(socket, this);
    this.outlet = new WsOutlet({ socket, clock, owner: this });
    socket.on('error', onError);
    socket.on('end', onEnd);
    socket.on('data', onData);
    keepalive.add(this);
  }

  /** Has the item handled when those before it have been. */
  push(item: T): void {
    this.#input.push(item);
  }

  /** Reads what the peer sent. */
  read(bytes: Buffer): void {
    this.#reader.read(bytes);
  }

  /** The peer will send nothing more. */
  peerEnded(): void {
    this.#owner.left(false);
    this.#socket.end();
  }

  message(bytes: Buffer, isBinary: boolean): void {
    if (!this.outlet.ended && this.#covers(bytes.length)) this.#owner.receive(bytes, isBinary);
  }

  /** Behind a command under way, which may be the first join, a message is taken whatever its size. */
  takes(bytes: number): boolean {
    return this.#allowance.lifted || this.#input.busy || bytes <= this.#owner.largestBeforeJoin();
  }

  passedOver(bytes: number): void {
    if (!this.outlet.ended && this.#covers(bytes)) this.#owner.passedOver();
  }

  /** The first channel is joined. */
  joined(): void {
    this.#allowance.lift();
  }

  #covers(bytes: number): boolean {
    if (this.#allowance.lifted) return true;
    const { beforeJoin = BEFORE_JOIN } = this.#owner.limits();
    const verdict = this.#allowance.take(bytes, beforeJoin, this.#input.busy);
    if (verdict === 'hold') this.#input.hold();
    if (verdict !== 'exceeded') return true;
    this.outlet.end({ code: 'limit.beforeJoin', message: CODES['limit.beforeJoin'].sentence });
    this.#owner.left(true);
    return false;
  }

  ping(payload: Buffer): void {
    this.outlet.pong(payload);
  }

  closing(code: number | undefined): void {
    this.outlet.finish(this.#owner.answerClosing(code));
    this.#owner.left(code === undefined || code === DONE);
  }

  handle(item: T): MaybePromise<void> {
    return this.#owner.handle(item);
  }

  mostWaiting(): number {
    return this.#owner.limits().pendingCommands;
  }

  /** Nothing more is read, but what has been is still handled. */
  pause(): void {
    this.#socket.pause();
  }

  /** Part of a frame that was taken because a join was under way is not kept when that was refused. */
  idle(): void {
    if (!this.#allowance.lifted) this.#reader.read(NOTHING);
  }

  resume(): void {
    if (!this.outlet.ended) this.#socket.resume();
  }

  beat(): void {
    const socket = this.#socket;
    const silent = socket.bytesRead === this.#readAtBeat && !socket.isPaused();
    if (silent) {
      this.outlet.reset();
      this.#owner.left(false);
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

  closed(): void {
    this.stopped();
    this.#owner.left(false);
  }
}

const lines = new Slot<Socket, Line<unknown>>();

function onData(this: Socket, bytes: Buffer): void {
  lines.of(this)?.read(bytes);
}

function onEnd(this: Socket): void {
  lines.of(this)?.peerEnded();
}

function onError(this: Socket): void {
  this.destroy();
}
