import { createRequire } from 'node:module';
import { WebSocket } from 'ws';

/** What the SDK hands to handlers. */
export interface Action {
  readonly action: string;
  readonly options?: Record<string, unknown>;
  readonly client?: Client;
  readonly payload: Payload;
}

/** An application may send anything; these are the fields the server's own frames have. */
export interface Payload {
  readonly code?: string;
  readonly status?: string;
  readonly history?: readonly Action[];
}

export interface Client {
  readonly socketId: string;
  readonly extras: Record<string, unknown>;
  readonly permissions: { readonly dbo_id: number; readonly row_id: number | string };
}

interface Peer extends Client {
  message(payload: unknown): void;
  history(): void;
}

interface SdkChannel {
  on(handler: (action: Action) => void, onError?: (action: Action) => void): SdkChannel;
  message(payload: unknown, options?: object): void;
  history(): void;
  destroy(): void;
  getPresence(): Peer[];
}

interface SdkClient {
  channel(name: string, options?: object): SdkChannel;
  setRealtimeAuthToken(token: string | null): void;
  realtimeReconnect(): void;
}

/** The SDK insists on `wss` and port 443. Its host name carries our port, and this leads it there; nothing else is changed. */
class LocalSocket extends WebSocket {
  /** Every connection of this process, by host name. */
  static readonly made = new Map<string, LocalSocket[]>();
  readonly sent: string[] = [];
  readonly received: string[] = [];
  closedWith: number | undefined;

  constructor(address: string, protocols?: string | string[]) {
    const { hostname, pathname } = new URL(address);
    super(`ws://127.0.0.1:${/^port-(\d+)/.exec(hostname)?.[1]}${pathname}`, protocols ?? []);
    LocalSocket.made.set(hostname, [...(LocalSocket.made.get(hostname) ?? []), this]);
    // The SDK listens to no errors, and without a listener `ws` would end the process.
    this.on('error', () => {});
    this.on('message', (data) => this.received.push(data.toString()));
    this.on('close', (code) => {
      this.closedWith = code;
    });
  }

  override send(data: string): void {
    this.sent.push(data);
    super.send(data);
  }
}
Object.assign(globalThis, { WebSocket: LocalSocket });

const require = createRequire(import.meta.url);
let users = 0;

/** The package keeps one socket per copy of itself, so each user gets a copy of their own. */
function freshSdk(): { XanoNodeClient: new (config: object) => SdkClient } {
  for (const path of Object.keys(require.cache)) if (path.includes('/@xano/js-sdk/')) delete require.cache[path];
  return require('@xano/js-sdk');
}

/** One person with the unmodified SDK. */
export class SdkUser {
  readonly client: SdkClient;
  readonly #host: string;

  constructor(port: number, hash: string, token?: string) {
    this.#host = `port-${port}-user-${++users}.test`;
    this.client = new (freshSdk().XanoNodeClient)({
      instanceBaseUrl: `https://${this.#host}`,
      realtimeConnectionCanonical: hash,
      ...(token === undefined ? {} : { realtimeAuthToken: token }),
    });
  }

  get sockets(): readonly LocalSocket[] {
    return LocalSocket.made.get(this.#host) ?? [];
  }

  get socket(): LocalSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('no connection was made');
    return socket;
  }

  /** Opens a channel and waits for its connection. */
  async channel(name: string, options: object = {}): Promise<Listening> {
    const listening = new Listening(this.client.channel(name, options), name);
    await until(() => this.socket.readyState !== WebSocket.CONNECTING, 'the connection is open');
    return listening;
  }

  /** As `channel`, and joined. */
  async join(name: string, options: object = {}): Promise<Listening> {
    const listening = await this.channel(name, options);
    await listening.next('join');
    return listening;
  }

  leaveForGood(): void {
    for (const socket of this.sockets) socket.terminate();
  }
}

/** A channel with the handlers an application would set. */
export class Listening {
  readonly channel: SdkChannel;
  readonly name: string;
  /** All that reached the handler but the SDK's own `connection_status`. */
  readonly actions: Action[] = [];
  readonly statuses: string[] = [];
  readonly errors: Action[] = [];

  constructor(channel: SdkChannel, name: string) {
    this.channel = channel;
    this.name = name;
    channel.on(
      (action) => {
        if (action.action === 'connection_status') this.statuses.push(action.payload.status ?? '');
        else this.actions.push(action);
      },
      (error) => this.errors.push(error),
    );
  }

  of(action: string): Action[] {
    return this.actions.filter((one) => one.action === action);
  }

  payloads(action = 'message'): unknown[] {
    return this.of(action).map(({ payload }) => payload);
  }

  /** Waits for the nth action of a kind. */
  async next(action: string, nth = 1): Promise<Action> {
    await until(() => this.of(action).length >= nth, `${action} number ${nth} reaches ${this.name}`);
    const found = this.of(action)[nth - 1];
    if (found === undefined) throw new Error('unreachable');
    return found;
  }

  /** Waits for the nth history frame: what its items carried. */
  async nextHistory(nth = 1): Promise<readonly Action[]> {
    const { payload } = await this.next('history', nth);
    if (payload.history === undefined) throw new Error('a history frame without its items');
    return payload.history;
  }

  async nextError(nth = 1): Promise<Action> {
    await until(() => this.errors.length >= nth, `error number ${nth} reaches ${this.name}`);
    const found = this.errors[nth - 1];
    if (found === undefined) throw new Error('unreachable');
    return found;
  }

  get socketId(): string {
    const self = this.of('join').at(-1)?.client;
    if (self === undefined) throw new Error('not joined');
    return self.socketId;
  }

  present(): string[] {
    return this.channel.getPresence().map(({ socketId }) => socketId);
  }

  peer(socketId: string): Peer {
    const peer = this.channel.getPresence().find((one) => one.socketId === socketId);
    if (peer === undefined) throw new Error(`${socketId} is not present`);
    return peer;
  }
}

export async function until(condition: () => boolean, what: string, ms = 5_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`timed out waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
