import type { Ending, SessionApi } from '@portcullis/engine';
import { CODES } from '@portcullis/policy';
import type { Beating } from '../../shared/keepalive.ts';
import { type OutletOwner, SocketOutlet } from '../../shared/socket-outlet.ts';
import { closeCodeFor } from '../close-codes.ts';
import { connectedText } from '../connected-text.ts';
import { closingText, errorText } from '../wire-text.ts';
import type { Call } from './call.ts';
import { Refusal } from './problem.ts';
import type { StreamRequest } from './read-stream.ts';
import type { StreamCodec } from './stream.ts';
import { eventsOf } from './stream-codec.ts';
import { StreamOutlet } from './stream-outlet.ts';
import { StreamPositions } from './stream-positions.ts';

/** The stream is as if its client had sent `connect` with this id, and a `join` for each channel with the ids after it. */
const CONNECT_ID = 1;
const SIGN_OF_LIFE = Buffer.from(':\n\n');

/** One stream: a session whose client cannot say anything. */
export class StreamConnection implements OutletOwner, Beating {
  readonly #call: Call;
  readonly #outlet: SocketOutlet;
  #session: SessionApi | undefined;
  #waitedAtBeat = 0;

  constructor(call: Call) {
    this.#call = call;
    this.#outlet = new SocketOutlet({ socket: call.request.socket, clock: call.deps.clock, owner: this });
  }

  /** Throws the refusal if it is not admitted. */
  open(asked: StreamRequest, codec: StreamCodec): void {
    const { deps, app, address, keepalive } = this.#call;
    const { principal, channels, recover } = asked;
    const outlet = new StreamOutlet(this.#outlet, codec.marks, new StreamPositions(channels, recover));
    const session = deps.engine.connect({ app, principal, outlet, codec, door: 'native-stream', address });
    // The outlet has its hands on the connection already: it is not for another request.
    if ('ok' in session) throw new Refusal(session.code, session.message, { headers: { connection: 'close' } });
    this.#session = session;
    keepalive.add(this);
    this.#greet(session);
    this.#join(session, asked).catch((error: unknown) => {
      deps.log.error('native.stream-failed', { app, session: session.id, error });
      this.#cut({ code: 'server.fault', message: CODES['server.fault'].sentence });
    });
  }

  /** Dropped when what waited for it at the last beat waits still. */
  beat(): void {
    const waits = this.#outlet.buffered();
    if (waits > 0 && waits === this.#waitedAtBeat) {
      this.#outlet.reset();
      this.#session?.close();
    } else if (this.#outlet.flowing) this.#outlet.write(SIGN_OF_LIFE);
    this.#waitedAtBeat = waits;
  }

  farewell(ending: Ending): Uint8Array {
    return eventsOf([closingText(ending, closeCodeFor(ending.code))]);
  }

  drained(): void {
    this.#session?.drained();
  }

  stopped(): void {
    this.#call.keepalive.remove(this);
  }

  closed(): void {
    this.stopped();
    this.#session?.close();
  }

  /** The body has no length and no chunks: it ends with the connection, which from here on the outlet alone writes to. */
  #greet(session: SessionApi): void {
    const { deps, response, app, native, pingInterval } = this.#call;
    response.removeHeader('transfer-encoding');
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-accel-buffering': 'no',
      connection: 'close',
    });
    response.flushHeaders();
    deps.answered('/v1/stream', 200);
    this.#outlet.write(Buffer.from(`retry: ${deps.comeBackAfter()}\n\n`));
    const { settings } = deps.engine.source(app);
    const facts = { settings, limits: native.limits, now: deps.clock.now(), ping: pingInterval };
    session.answer(eventsOf([connectedText(CONNECT_ID, session, facts)]));
  }

  async #join(session: SessionApi, { channels, presence, history, recover }: StreamRequest): Promise<void> {
    const outcomes = channels.map(async (channel, index) => {
      const from = recover.get(channel);
      const id = CONNECT_ID + 1 + index;
      const outcome = await session.join(channel, { presence, history, ref: id, ...(from && { recover: from }) });
      if (outcome.ok) return outcome;
      const { code, message } = outcome;
      const fix = this.#call.native.explains ? { fix: CODES[code].fix } : {};
      session.answer(eventsOf([errorText({ id, channel, code, message, ...fix })]));
      return outcome;
    });
    const settled = await Promise.all(outcomes);
    const [first] = settled;
    if (first !== undefined && !first.ok && !settled.some(({ ok }) => ok)) this.#cut(first);
  }

  #cut({ code, message }: Ending): void {
    this.#outlet.end({ code, message });
    this.#session?.close();
  }
}
