import { CLOSE, type ClientMessage, type Connected, mayReconnect, type ServerMessage } from '@portcullis/protocol';
import { BACKOFF, type Backoff, patienceAt, waitBefore } from './backoff.ts';
import { Heartbeat } from './heartbeat.ts';
import { after, type ConnectionState, type Happening } from './life.ts';
import { GIVES_UP, LEAVES, Link, type WebSocketClass } from './link.ts';
import { type ConnectOptions, doorOf } from './options.ts';
import { isOfToken, ownError, type PortcullisError, refusal } from './portcullis-error.ts';
import type { Ports } from './ports.ts';
import type { Tokens } from './tokens.ts';

export interface ConnectionEvents {
  /** Let in: joins and whatever waits are said from here. */
  welcome(connected: Connected): void;
  said(message: ServerMessage): void;
  state(state: ConnectionState, error: PortcullisError | undefined): void;
}

/** A connection that held for so many ms was a good one: the next wait is short again. */
const HELD = 5_000;

/** Keeps a connection, by the table in `life.ts`: this file says what is done on entering each state. */
export class Connection {
  state: ConnectionState = 'closed';
  /** Why there is no connection. */
  error: PortcullisError | undefined;
  readonly #url: string;
  readonly #user: string | undefined;
  readonly #backoff: Backoff;
  readonly #Class: WebSocketClass;
  readonly #ports: Ports;
  readonly #tokens: Tokens;
  readonly #nextId: () => number;
  readonly #events: ConnectionEvents;
  #link: Link | undefined;
  #heartbeat: Heartbeat | undefined;
  #cancel = () => {};
  #unwatch = () => {};
  #turn = 0;
  #attempt = 0;
  #connectedAt = 0;
  #everyone = false;
  #token: string | null = null;
  #connectId = 0;
  /** Shows the server that the next connection is of the same client as the last. */
  #resume: string | undefined;
  #verdict: { readonly error: PortcullisError; readonly reconnect?: boolean } | undefined;

  constructor(
    options: ConnectOptions & { readonly WebSocket: WebSocketClass },
    around: { readonly ports: Ports; readonly tokens: Tokens; readonly nextId: () => number },
    events: ConnectionEvents,
  ) {
    this.#url = doorOf(options);
    this.#user = options.user;
    this.#backoff = { ...BACKOFF, ...options.backoff };
    this.#Class = options.WebSocket;
    this.#ports = around.ports;
    this.#tokens = around.tokens;
    this.#nextId = around.nextId;
    this.#events = events;
  }

  open(): void {
    this.#happen('open');
  }

  close(error: PortcullisError): void {
    this.#happen('end', error);
  }

  say(message: ClientMessage): void {
    this.#link?.say(message);
  }

  #happen(event: Happening, error?: PortcullisError): void {
    const to = after(this.state, event);
    if (to === undefined) return;
    this.#cancel();
    this.#turn += 1;
    this.state = to;
    this.error = error;
    this.#enter(to);
    if (this.state === to) this.#events.state(to, error);
  }

  #enter(state: ConnectionState): void {
    switch (state) {
      case 'authorising':
        if (this.#attempt === 0) this.#watch();
        void this.#authorise(this.#turn);
        return;
      case 'connecting':
        this.#dial();
        return;
      case 'connected':
        this.#connectedAt = this.#ports.now();
        return;
      case 'waiting':
        this.#letGo(GIVES_UP);
        this.#wait();
        return;
      case 'closed':
        this.#letGo(LEAVES);
        this.#resume = undefined;
        this.#unwatch();
        this.#attempt = 0;
    }
  }

  async #authorise(turn: number): Promise<void> {
    let failed: PortcullisError | undefined;
    try {
      this.#token = await this.#tokens.current();
    } catch (cause) {
      failed = ownError('client.token-unavailable', undefined, cause);
    }
    if (turn !== this.#turn) return;
    if (failed) this.#happen('lost', failed);
    else this.#happen('token');
  }

  #dial(): void {
    this.#verdict = undefined;
    this.#connectId = this.#nextId();
    const connect: ClientMessage = {
      type: 'connect',
      id: this.#connectId,
      ...(this.#token === null ? {} : { token: this.#token }),
      ...(this.#user === undefined ? {} : { user: this.#user }),
      ...(this.#resume === undefined ? {} : { resume: this.#resume }),
    };
    const link = new Link(
      this.#Class,
      this.#url,
      {
        opened: () => link.say(connect),
        said: (message) => this.#hear(message),
        gone: (code) => this.#gone(code),
      },
      this.#ports.soon,
    );
    this.#link = link;
    this.#cancel = this.#ports.after(patienceAt(this.#attempt), () => this.#happen('lost', ownError('client.silent')));
  }

  #hear(message: ServerMessage): void {
    this.#heartbeat?.heard();
    if (message.type === 'connected') this.#letIn(message);
    else if (message.type === 'error' && message.id === this.#connectId) this.#verdict = { error: refusal(message) };
    else if (message.type === 'closing') this.#verdict = { error: refusal(message), reconnect: message.reconnect };
    else if (message.type !== 'pong') this.#events.said(message);
  }

  #letIn(connected: Connected): void {
    this.#link?.takes(connected);
    this.#resume = connected.resume;
    this.#tokens.accepted();
    this.#heartbeat = new Heartbeat(connected.ping, this.#ports, {
      ping: () => this.say({ type: 'ping', id: this.#nextId() }),
      lost: () => this.#happen('lost', ownError('client.silent')),
    });
    this.#events.welcome(connected);
    this.#happen('welcome');
  }

  #gone(code: number): void {
    const { error, reconnect } = this.#verdict ?? { error: ownError('client.connection-lost') };
    this.#everyone = code === CLOSE.restarting || code === CLOSE.tryAgain;
    const ofToken = code === CLOSE.tokenExpired || isOfToken(error.code);
    const comeBack = ofToken
      ? this.#tokens.spend(code === CLOSE.tokenExpired ? 'expired' : 'refused')
      : (reconnect ?? mayReconnect(code));
    this.#happen(comeBack ? 'lost' : 'end', error);
  }

  #wait(): void {
    if (this.#connectedAt > 0 && this.#ports.now() - this.#connectedAt > HELD) this.#attempt = 0;
    this.#connectedAt = 0;
    const ms = waitBefore(this.#attempt, this.#backoff, this.#everyone, this.#ports.random);
    this.#attempt += 1;
    this.#cancel = this.#ports.after(ms, () => this.#happen('retry'));
  }

  #watch(): void {
    this.#unwatch();
    this.#unwatch = this.#ports.watch({
      wake: () => (this.state === 'waiting' ? this.#happen('retry') : this.#heartbeat?.probe()),
      doubt: () => this.#heartbeat?.probe(),
    });
  }

  #letGo(code: number): void {
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
    this.#link?.drop(code);
    this.#link = undefined;
  }
}
