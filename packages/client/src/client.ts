import type { Connected, Member, ServerMessage } from '@portcullis/protocol';
import { Asks, type Question } from './asks.ts';
import type { Channel } from './channel.ts';
import { ChannelSet } from './channel-set.ts';
import type { AnyChannels, NameOf, PayloadOf } from './channel-types.ts';
import { Connection } from './connection.ts';
import type { Desk } from './desk.ts';
import { Emitter } from './emitter.ts';
import type { ConnectionState } from './life.ts';
import type { WebSocketClass } from './link.ts';
import type { ConnectOptions } from './options.ts';
import { Outgoing } from './outgoing.ts';
import { ownError, type PortcullisError, refusal } from './portcullis-error.ts';
import { HERE, type Ports } from './ports.ts';
import { Renewal } from './renewal.ts';
import { Tokens } from './tokens.ts';

export interface ClientEvents {
  state: { readonly state: ConnectionState; readonly error: PortcullisError | undefined };
  /** What went wrong and belongs to nothing that was asked: a token that could not be renewed, a frame the server refused. */
  error: PortcullisError;
}

/** One connection to one app, and the channels on it. Made by `connect()`. */
export class Client<Channels = AnyChannels> {
  readonly #ports: Ports;
  readonly #emitter = new Emitter<ClientEvents>();
  readonly #channels = new ChannelSet();
  readonly #connection: Connection;
  readonly #outgoing: Outgoing;
  /** What is of one connection alone. */
  readonly #own: Asks;
  readonly #renewal: Renewal;
  readonly #desk: Desk;
  #lastId = 0;
  /** By how many ms the server's clock is ahead of ours. */
  #ahead = 0;
  #welcome: Connected | undefined;

  constructor(options: ConnectOptions & { readonly WebSocket: WebSocketClass }) {
    this.#ports = { ...HERE, ...options.ports };
    const nextId = () => ++this.#lastId;
    this.#own = new Asks(nextId);
    const tokens = new Tokens(options);
    this.#connection = new Connection(
      options,
      { ports: this.#ports, tokens, nextId },
      {
        welcome: (connected) => this.#letIn(connected),
        said: (message) => this.#hear(message),
        state: (state, error) => this.#become(state, error),
      },
    );
    this.#outgoing = new Outgoing(options, this.#ports, { nextId, connection: this.#connection });
    this.#renewal = new Renewal(tokens, this.#ports, {
      swap: (token) => this.#swap(token),
      failed: (error) => this.#emitter.emit('error', error),
    });
    this.#desk = this.#makeDesk(tokens, nextId);
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  /** Why there is no connection. */
  get error(): PortcullisError | undefined {
    return this.#connection.error;
  }

  /** Names this connection; new with each one that was not expected back. */
  get session(): string | undefined {
    return this.#welcome?.session;
  }

  /** This connection as others see it. */
  get self(): Member | undefined {
    return this.#welcome?.self;
  }

  get authenticated(): boolean {
    return this.#welcome?.authenticated ?? false;
  }

  channel<Name extends NameOf<Channels>>(name: Name): Channel<PayloadOf<Channels, Name>> {
    return this.#channels.of(name, this.#desk) as Channel<PayloadOf<Channels, Name>>;
  }

  /** @returns takes the listener off again */
  on<Name extends keyof ClientEvents>(event: Name, listener: (value: ClientEvents[Name]) => void): () => void {
    return this.#emitter.on(event, listener);
  }

  /** Resolves at the next moment with a connection; rejects when the client is over. */
  connected(): Promise<void> {
    if (this.state === 'connected') return Promise.resolve();
    return new Promise((resolve, reject) => {
      const off = this.on('state', ({ state, error }) => {
        if (state !== 'connected' && state !== 'closed') return;
        off();
        if (state === 'connected') resolve();
        else reject(error ?? ownError('client.closed'));
      });
    });
  }

  /** Asks `getToken` for another token and puts it in place on the live connection. */
  renewToken(): Promise<void> {
    return this.#renewal.once('refresh');
  }

  /** Again, after it was closed or refused. Channels have to be joined anew. */
  open(): void {
    this.#connection.open();
  }

  /** For good: leaves every channel, and fails what was not answered. */
  close(): void {
    this.#connection.close(ownError('client.closed'));
  }

  #makeDesk(tokens: Tokens, nextId: () => number): Desk {
    const client = this;
    return {
      get connected() {
        return client.#welcome !== undefined;
      },
      canRenew: tokens.canRenew,
      nextId,
      say: (message) => this.#connection.say(message),
      ask: (question, expects) => this.#outgoing.ask(question, expects),
      publish: (question) => this.#outgoing.publish(question),
      key: () => this.#ports.key(),
      renewToken: () => this.#renewal.now('expired'),
      forget: (channel) => this.#outgoing.asks.leave(channel),
      after: (ms, run) => this.#ports.after(ms, run),
      random: () => this.#ports.random(),
    };
  }

  async #swap(token: string): Promise<void> {
    if (!this.#welcome) return;
    const question: Question = { type: 'token', token };
    const say = (message: Parameters<Connection['say']>[0]) => this.#connection.say(message);
    const { expiresAt } = await this.#own.ask(question, 'token', this.#ports.now(), say);
    this.#plan(expiresAt);
    this.#channels.renewed();
  }

  #letIn(connected: Connected): void {
    this.#welcome = connected;
    this.#ahead = connected.now - this.#ports.now();
    this.#plan(connected.expiresAt);
    this.#channels.connected(() => this.#outgoing.begin(connected));
  }

  #hear(message: ServerMessage): void {
    if (message.type === 'token-expired') {
      if (this.#renewal.possible) this.#renewal.now('expired');
      return;
    }
    const answered = this.#own.answer(message) || this.#outgoing.asks.answer(message);
    if (answered && message.type !== 'roster') return;
    if (message.type === 'error' && message.channel === undefined) this.#emitter.emit('error', refusal(message));
    this.#channels.hears(message);
  }

  #become(state: ConnectionState, error: PortcullisError | undefined): void {
    if (state !== 'connected' && this.#welcome) this.#letGo();
    if (state === 'waiting') this.#outgoing.expire();
    if (state === 'closed') this.#end(error ?? ownError('client.closed'));
    this.#emitter.emit('state', { state, error });
  }

  #letGo(): void {
    this.#welcome = undefined;
    this.#outgoing.stop();
    this.#renewal.stop();
    this.#own.close(ownError('client.connection-lost'));
    this.#channels.disconnected();
  }

  #end(error: PortcullisError): void {
    this.#outgoing.asks.close(error);
    this.#channels.closed(error);
  }

  /** @param expiresAt by the server's clock */
  #plan(expiresAt: number | undefined): void {
    this.#renewal.plan(expiresAt === undefined ? undefined : expiresAt - this.#ahead - this.#ports.now());
  }
}
