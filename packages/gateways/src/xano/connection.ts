import { type Ending, isPromise, type MaybePromise, type SessionApi } from '@portcullis/engine';
import { ANONYMOUS, CODES, type Code, type Principal } from '@portcullis/policy';
import type { RawData } from 'ws';
import { closeFrame } from '../shared/encode-frame.ts';
import { InOrder } from '../shared/in-order.ts';
import type { Beating } from '../shared/keepalive.ts';
import { type OutletOwner, WsOutlet } from '../shared/ws-outlet.ts';
import { Allowance } from './allowance.ts';
import { BINARY_FRAME, type Command, decode, type Problem } from './decode.ts';
import { TRY_AGAIN_LATER, wordClosing, wordFarewell } from './farewell.ts';
import type { Identified } from './identified.ts';
import { DEFAULT_BEFORE_JOIN } from './limits.ts';
import { type Outcome, perform, wordRefusal } from './perform.ts';
import type { Arrival, Surroundings } from './surroundings.ts';

const IGNORE = (): void => {};
/** The token is genuine and holds no more. A ban is another matter: it keeps the user out, and not the token. */
const SPENT: ReadonlySet<Code> = new Set(['identity.revoked', 'identity.expired']);
type Refusal = Pick<Problem, 'code' | 'message'>;

/**
 * One client. Its frames are handled strictly in order: while a command waits for its answer the later ones wait behind
 * it, and past `limits.pendingCommands` nothing more is read. What goes out is said by its session, through the outlet.
 */
export class XanoConnection implements Beating, OutletOwner {
  readonly #around: Surroundings;
  readonly #arrival: Arrival;
  readonly #outlet: WsOutlet;
  readonly #input: InOrder<Command | Problem>;
  #session: SessionApi | undefined;
  readonly #allowance = new Allowance();
  /** Bytes that had been read at the last beat. */
  #readAtBeat = -1;

  constructor(arrival: Arrival, around: Surroundings) {
    const { ws, socket, app } = arrival;
    this.#arrival = arrival;
    this.#around = around;
    this.#outlet = new WsOutlet({ socket, clock: around.clock, owner: this });
    this.#input = new InOrder({
      handle: (item) => this.#handle(item),
      max: () => around.limitsOf(app).pendingCommands,
      pause: () => ws.pause(),
      resume: () => ws.resume(),
    });
    ws.closing = (code) => this.#closing(code);
    ws.on('message', (data, isBinary) => this.#receive(data, isBinary));
    ws.on('ping', (payload) => this.#outlet.pong(payload));
    ws.on('error', IGNORE);
    socket.once('end', () => this.#session?.close());
    ws.once('close', () => this.#left());
    around.keepalive.add(this);
  }

  /** Begins once it is known who has come. Until then nothing is read. */
  open(identify: () => MaybePromise<Identified>): void {
    try {
      const identified = identify();
      if (!isPromise(identified)) {
        this.#enter(identified);
        return;
      }
      this.#arrival.ws.pause();
      const entered = identified.then((known) => {
        this.#enter(known);
        this.#arrival.ws.resume();
      });
      entered.catch((error: unknown) => this.#failed(error));
    } catch (error) {
      this.#failed(error);
    }
  }

  beat(): void {
    const { socket } = this.#arrival;
    const silent = socket.bytesRead === this.#readAtBeat && !this.#arrival.ws.isPaused;
    if (silent) {
      this.#outlet.reset();
      this.#session?.close();
      return;
    }
    this.#readAtBeat = socket.bytesRead;
    this.#outlet.ping();
  }

  farewell(ending: Ending): Uint8Array {
    return wordFarewell(ending);
  }

  drained(): void {
    this.#session?.drained();
  }

  stopped(): void {
    this.#input.stop();
    this.#around.keepalive.remove(this);
  }

  #enter(identified: Identified): void {
    if (this.#outlet.ended) return;
    if (!identified.ok && identified.retry === true) {
      this.#outlet.finish(closeFrame(TRY_AGAIN_LATER, identified.code));
      return;
    }
    if (identified.ok) this.#connect(identified.principal);
    // Clients of this wire expect a refused token to leave them connected, without a name, and told once.
    else this.#connect(ANONYMOUS, { code: identified.code, message: identified.reason });
  }

  #failed(error: unknown): void {
    this.#around.log.error('xano.connect-failed', { app: this.#arrival.app, error });
    this.#cut('server.fault');
  }

  #connect(principal: Principal, refused?: Refusal): void {
    const { engine, codec } = this.#around;
    const { app, address } = this.#arrival;
    const opened = engine.connect({ app, principal, outlet: this.#outlet, codec, door: 'xano', address });
    if (!('ok' in opened)) {
      this.#session = opened;
      if (refused !== undefined) opened.refuse(refused);
      return;
    }
    const { code, message } = opened;
    // A token that was taken back proves nothing, like one that never did.
    if (SPENT.has(code) && principal !== ANONYMOUS) this.#connect(ANONYMOUS, { code, message });
    else this.#outlet.end({ code, message });
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#outlet.ended) return;
    const limits = this.#around.limitsOf(this.#arrival.app);
    if (!this.#allowance.covers(data, limits.beforeJoin ?? DEFAULT_BEFORE_JOIN)) {
      this.#cut('limit.beforeJoin');
      return;
    }
    this.#input.push(isBinary ? BINARY_FRAME : decode(data.toString(), limits));
  }

  #handle(item: Command | Problem): MaybePromise<void> {
    const session = this.#session;
    if (session === undefined) return;
    if (item.type === 'problem') {
      const { type: _, ...refusal } = item;
      session.refuse(refusal);
      return;
    }
    try {
      const outcome = perform(session, item);
      if (!isPromise(outcome)) return this.#settle(session, item, outcome);
      return outcome.then(
        (settled) => this.#settle(session, item, settled),
        (error: unknown) => this.#fault(session, item, error),
      );
    } catch (error) {
      this.#fault(session, item, error);
    }
  }

  #settle(session: SessionApi, command: Command, outcome: Outcome): void {
    if (!outcome.ok) {
      const message = wordRefusal(outcome, command, session.principal);
      session.refuse({ code: outcome.code, message, channel: command.channel });
    } else if (command.type === 'join') {
      this.#allowance.lift();
    }
  }

  /** A fault of ours: logged once, here, and told in one word. The connection goes on. */
  #fault(session: SessionApi, command: Command, error: unknown): void {
    this.#around.log.error('xano.command-failed', {
      app: session.app,
      session: session.id,
      action: command.type,
      error,
    });
    session.refuse({ code: 'server.fault', message: CODES['server.fault'].sentence, channel: command.channel });
  }

  /** The peer closes, or broke the protocol. It is answered with its own code: the SDK reconnects only if 4000 comes back as 4000. */
  #closing(code: number | undefined): void {
    this.#outlet.finish(code === undefined ? closeFrame() : wordClosing(code));
    this.#session?.close();
  }

  #cut(code: 'limit.beforeJoin' | 'server.fault'): void {
    this.#outlet.end({ code, message: CODES[code].sentence });
    this.#session?.close();
  }

  #left(): void {
    this.stopped();
    this.#session?.close();
  }
}
