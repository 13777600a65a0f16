import { type Client, type ConnectOptions, connect } from '@portcullis/client';
import { WebSocket } from 'ws';
import { RunningServer, type ServerOptions } from '../support/server.ts';

/** The subscribe key of the app under test. */
export const KEY = 'sub-conformance';

/** What is remembered and kept is more than is said while a client is away, however quick the machine: a gap would be honest, and no test of a whole story. */
const APP = `    keys: { publish: pub-conformance, subscribe: ${KEY} }
    replay: { messages: 20000 }
    history: { max: 20000 }
    channels:
      - { target: "kept/*", nested: on, anonymousClients: on, presence: on, publicMessaging: on, authenticatedMessaging: on, privateMessaging: on, history: 20000 }
      - { target: "fleeting/*", nested: on, anonymousClients: on, presence: on, publicMessaging: on, authenticatedMessaging: on, privateMessaging: on }
      - { target: "members/*", nested: on, presence: on, authenticatedMessaging: on, history: 100 }
`;

/** Sockets that a test may break as a network does. */
class Breakable extends WebSocket {
  static readonly open = new Set<Breakable>();
  constructor(url: string, protocol: string) {
    super(url, protocol);
    Breakable.open.add(this);
    this.on('close', () => Breakable.open.delete(this));
  }
}

/** A real server, and clients of this SDK as apps make them. */
export class ClientHouse {
  server: RunningServer;
  readonly #options: ServerOptions;
  readonly #clients: Client[] = [];

  private constructor(server: RunningServer, options: ServerOptions) {
    this.server = server;
    this.#options = options;
  }

  static async open(options: ServerOptions = {}): Promise<ClientHouse> {
    const whole = { app: APP, access: '{ rules: on, grants: off, explainToClients: full }', ...options };
    return new ClientHouse(await RunningServer.start(whole), whole);
  }

  /** Anonymous where no user is named. */
  client(user?: string, options: Partial<ConnectOptions> = {}): Client {
    const client = connect({
      url: this.server.url,
      key: KEY,
      WebSocket: Breakable,
      ...(user === undefined ? {} : { getToken: () => this.server.tokenFor(user) }),
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  /** Every connection breaks, and neither side says so. */
  breakAll(): void {
    for (const socket of Breakable.open) socket.terminate();
  }

  /** The same port and the same data, in another process. */
  async restart(signal: NodeJS.Signals): Promise<void> {
    await this.server.kill(signal);
    this.server = await RunningServer.start({ ...this.#options, port: this.server.port });
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.server.stop();
  }
}

export const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ok',
    (error: { code?: string }) => error.code ?? String(error),
  );
