import type { IncomingMessage } from 'node:http';
import { type Ending, isPromise, type MaybePromise, type Refused, type SessionApi } from '@portcullis/engine';
import { CODES, type Code } from '@portcullis/policy';
import { textFrame } from '../shared/encode-frame.ts';
import type { Identified } from '../shared/identified.ts';
import { Line } from '../shared/line.ts';
import type { Arrival, LineOwner } from '../shared/line-owner.ts';
import { type AnswerSink, Answers } from './answers.ts';
import type { Command, Connect, Problem } from './command.ts';
import { connectedText } from './connected-text.ts';
import { BINARY_FRAME, decode, LARGE_BEFORE_JOIN, NOT_CONNECTED } from './decode.ts';
import { wordClosing, wordFarewell } from './farewell.ts';
import { largestConnect, largestJoin, type NativeLimits } from './limits.ts';
import { type Done, perform } from './perform.ts';
import { Proving } from './proofs.ts';
import type { NativeApp, Surroundings } from './surroundings.ts';
import { swapToken } from './swap-token.ts';
import { Turn, UnderWay } from './under-way.ts';
import { errorText, type Failure } from './wire-text.ts';

/** One client of this wire. What its session has to tell it goes out through the line's outlet; answers are worded here. */
export class NativeConnection implements LineOwner<Command | Problem>, AnswerSink {
  readonly #around: Surroundings;
  readonly #arrival: Arrival;
  readonly #proving: Proving;
  readonly #line: Line<Command | Problem>;
  readonly #answers: Answers;
  readonly #underWay: UnderWay;
  #session: SessionApi | undefined;
  #stopWaiting: () => void;

  constructor(arrival: Arrival, request: IncomingMessage, around: Surroundings) {
    this.#arrival = arrival;
    this.#proving = new Proving(arrival, request, around);
    this.#around = around;
    this.#line = new Line(arrival, around, this);
    this.#answers = new Answers(around.clock, this);
    this.#underWay = new UnderWay(this);
    this.#stopWaiting = around.clock.after(this.#app.limits.joinTimeout, () => this.#cut('limit.joinTimeout'));
  }

  get #app(): NativeApp {
    return this.#around.appOf(this.#arrival.app);
  }

  limits(): NativeLimits {
    return this.#app.limits;
  }

  largestBeforeJoin(): number {
    return (this.#session === undefined ? largestConnect : largestJoin)(this.#app.limits);
  }

  receive(bytes: Buffer, isBinary: boolean): void {
    if (isBinary) this.#line.push(BINARY_FRAME);
    else for (const item of decode(bytes.toString(), this.#app.limits)) this.#line.push(item);
  }

  passedOver(): void {
    this.#line.push(LARGE_BEFORE_JOIN);
  }

  handle(item: Command | Problem): MaybePromise<void> {
    const session = this.#session;
    if (session === undefined) return this.#first(item);
    if (item.type === 'problem') {
      const { type: _, ...failure } = item;
      this.#fail(failure);
      return;
    }
    const turn = new Turn();
    try {
      const outcome = this.#carryOut(session, item, turn.pass);
      if (!isPromise(outcome)) return this.#settle(item, outcome);
      return this.#underWay.add(
        turn,
        outcome.then(
          (settled) => this.#settle(item, settled),
          (error: unknown) => this.#fault(item, error),
        ),
      );
    } catch (error) {
      this.#fault(item, error);
    }
  }

  farewell(ending: Ending): Uint8Array {
    return wordFarewell(ending);
  }

  answerClosing(code: number | undefined): Uint8Array {
    return wordClosing(code);
  }

  drained(): void {
    this.#session?.drained();
  }

  sendAnswers(frame: Uint8Array): void {
    this.#session?.answer(frame);
  }

  left(forGood: boolean): void {
    this.#stopWaiting();
    this.#session?.close(forGood);
  }

  /** Nothing is carried out before `connect` is answered, and whatever else comes first ends the connection. */
  #first(item: Command | Problem): MaybePromise<void> {
    if (item.type !== 'connect') {
      const problem = item.type === 'problem' ? item : NOT_CONNECTED;
      this.#cut(problem.code, problem.message);
      return;
    }
    try {
      const entered = this.#connect(item);
      if (!isPromise(entered)) return;
      return entered.catch((error: unknown) => this.#failed(error));
    } catch (error) {
      this.#failed(error);
    }
  }

  #connect(command: Connect): MaybePromise<void> {
    const identified = this.#proving.atConnect(command);
    const enter = (known: Identified): void => {
      if (this.#line.outlet.ended) return;
      if (known.ok) this.#enter(command, known.principal);
      else this.#cut(known.code, this.#proving.refused(known).message);
    };
    return isPromise(identified) ? identified.then(enter) : enter(identified);
  }

  #enter(command: Connect, principal: SessionApi['principal']): void {
    const { engine, codecOf, clock, pingInterval } = this.#around;
    const { app, address } = this.#arrival;
    const { limits, tokenGrace } = this.#app;
    const { outlet } = this.#line;
    const codec = codecOf(app);
    const { resume } = command;
    const opened = engine.connect({
      ...{ app, principal, outlet, codec, door: 'native', address, tokenGrace, mayReturn: true },
      ...(resume === undefined ? {} : { resume }),
    });
    if ('ok' in opened) {
      this.#cut(opened.code, opened.message);
      return;
    }
    this.#stopWaiting();
    this.#stopWaiting = NOTHING_TO_STOP;
    this.#session = opened;
    const facts = { settings: engine.source(app).settings, limits, now: clock.now(), ping: pingInterval };
    opened.answer(textFrame(connectedText(command.id, opened, facts)));
  }

  #carryOut(session: SessionApi, command: Command, placed: () => void): MaybePromise<Done | Refused> {
    switch (command.type) {
      case 'connect':
        return { ok: false, code: 'request.malformed', message: 'This connection is connected already.' };
      case 'token':
        return swapToken(session, command, this.#proving);
      default:
        return perform(session, command, placed);
    }
  }

  #settle(command: Command, outcome: Done | Refused): void {
    if (!outcome.ok) {
      const { code, message } = outcome;
      this.#fail({ id: command.id, ...('channel' in command && { channel: command.channel }), code, message });
      return;
    }
    if (command.type === 'join') this.#line.joined();
    if (outcome.text !== undefined) this.#answers.add(outcome.text);
  }

  #fail(failure: Failure): void {
    this.#answers.add(errorText(this.#app.explains ? { ...failure, fix: CODES[failure.code].fix } : failure));
  }

  /** A fault of ours: logged once, here, and told in one word. The connection goes on. */
  #fault(command: Command, error: unknown): void {
    const session = this.#session?.id;
    this.#around.log.error('native.command-failed', { app: this.#arrival.app, session, type: command.type, error });
    this.#fail({ id: command.id, code: 'server.fault', message: CODES['server.fault'].sentence });
  }

  #failed(error: unknown): void {
    this.#around.log.error('native.connect-failed', { app: this.#arrival.app, error });
    this.#cut('server.fault');
  }

  #cut(code: Code, message: string = CODES[code].sentence): void {
    this.#stopWaiting();
    this.#line.outlet.end({ code, message });
    this.#session?.close();
  }
}

const NOTHING_TO_STOP = (): void => {};
