import { type Ending, isPromise, type MaybePromise, type SessionApi } from '@portcullis/engine';
import { ANONYMOUS, CODES, type Code, type Principal } from '@portcullis/policy';
import { closeFrame } from '../shared/encode-frame.ts';
import type { Identified } from '../shared/identified.ts';
import { Line } from '../shared/line.ts';
import type { Arrival, LineOwner } from '../shared/line-owner.ts';
import { BINARY_FRAME, type Command, decode, LARGE_BEFORE_JOIN, type Problem } from './decode.ts';
import { TRY_AGAIN_LATER, wordClosing, wordFarewell } from './farewell.ts';
import { DEFAULT_FRAME_BEFORE_JOIN, type XanoLimits } from './limits.ts';
import { type Outcome, perform, wordRefusal } from './perform.ts';
import type { Surroundings } from './surroundings.ts';

/** The token is genuine and holds no more. A ban is another matter: it keeps the user out, and not the token. */
const SPENT: ReadonlySet<Code> = new Set(['identity.revoked', 'identity.expired']);
type Refusal = Pick<Problem, 'code' | 'message'>;

/** One client of this wire. What goes out to it is said by its session, through the line's outlet. */
export class XanoConnection implements LineOwner<Command | Problem> {
  readonly #around: Surroundings;
  readonly #app: string;
  readonly #line: Line<Command | Problem>;
  #session: SessionApi | undefined;

  constructor(arrival: Arrival, around: Surroundings) {
    this.#app = arrival.app;
    this.#around = around;
    this.#line = new Line(arrival, around, this);
  }

  limits(): XanoLimits {
    return this.#around.limitsOf(this.#app);
  }

  /** Begins once it is known who has come. Until then nothing is read. */
  open(address: string, identify: () => MaybePromise<Identified>): void {
    try {
      const identified = identify();
      if (!isPromise(identified)) {
        this.#enter(address, identified);
        return;
      }
      this.#line.pause();
      const entered = identified.then((known) => {
        this.#enter(address, known);
        this.#line.resume();
      });
      entered.catch((error: unknown) => this.#failed(error));
    } catch (error) {
      this.#failed(error);
    }
  }

  largestBeforeJoin(): number {
    return this.limits().frameBeforeJoin ?? DEFAULT_FRAME_BEFORE_JOIN;
  }

  receive(bytes: Buffer, isBinary: boolean): void {
    this.#line.push(isBinary ? BINARY_FRAME : decode(bytes.toString(), this.limits()));
  }

  passedOver(): void {
    this.#line.push(LARGE_BEFORE_JOIN);
  }

  handle(item: Command | Problem): MaybePromise<void> {
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

  farewell(ending: Ending): Uint8Array {
    return wordFarewell(ending);
  }

  /** The peer is answered with its own code: the SDK reconnects only if 4000 comes back as 4000. */
  answerClosing(code: number | undefined): Uint8Array {
    return code === undefined ? closeFrame() : wordClosing(code);
  }

  drained(): void {
    this.#session?.drained();
  }

  left(): void {
    this.#session?.close();
  }

  #enter(address: string, identified: Identified): void {
    const { outlet } = this.#line;
    if (outlet.ended) return;
    if (!identified.ok && identified.retry === true) {
      outlet.finish(closeFrame(TRY_AGAIN_LATER, identified.code));
      return;
    }
    if (identified.ok) {
      this.#connect(address, identified.principal);
      return;
    }
    const { code, reason: message } = identified;
    // Clients of this wire expect a refused token to leave them connected, without a name, and told once.
    this.#connect(address, ANONYMOUS, this.#around.engine.turnAway(this.#app, { code, message, address }));
  }

  #failed(error: unknown): void {
    this.#around.log.error('xano.connect-failed', { app: this.#app, error });
    this.#cut('server.fault');
  }

  #connect(address: string, principal: Principal, refused?: Refusal): void {
    const { engine, codec } = this.#around;
    const app = this.#app;
    const { outlet } = this.#line;
    const opened = engine.connect({ app, principal, outlet, codec, door: 'xano', address });
    if (!('ok' in opened)) {
      this.#session = opened;
      if (refused !== undefined) opened.refuse(refused);
      return;
    }
    const { code, message } = opened;
    // A token that was taken back proves nothing, like one that never did.
    if (SPENT.has(code) && principal !== ANONYMOUS) this.#connect(address, ANONYMOUS, { code, message });
    else outlet.end({ code, message });
  }

  #settle(session: SessionApi, command: Command, outcome: Outcome): void {
    if (!outcome.ok) {
      const message = wordRefusal(outcome, command, session.principal);
      session.refuse({ code: outcome.code, message, channel: command.channel });
    } else if (command.type === 'join') {
      this.#line.joined();
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

  #cut(code: 'server.fault'): void {
    this.#line.outlet.end({ code, message: CODES[code].sentence });
    this.#session?.close();
  }
}
