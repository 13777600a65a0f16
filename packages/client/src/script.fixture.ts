import type { ClientMessage, ServerMessage } from '@portcullis/protocol';
import type { Client } from './client.ts';
import { TestClock, turn } from './clock.fixture.ts';
import { connect } from './connect.ts';
import type { ConnectOptions } from './options.ts';

/** A socket whose other end is the test. */
export class ScriptedSocket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  /** Each frame as it was sent. */
  readonly frames: string[] = [];
  readonly url: string;
  readonly protocol: string;
  closedWith: number | undefined;

  constructor(url: string, protocol: string) {
    this.url = url;
    this.protocol = protocol;
  }

  send(text: string): void {
    this.frames.push(text);
  }

  close(code: number): void {
    this.closedWith = code;
  }

  /** Everything said on it, one message after the other. */
  get said(): ClientMessage[] {
    return this.frames.flatMap((text) => JSON.parse(text) as ClientMessage | ClientMessage[]);
  }

  last<Type extends ClientMessage['type']>(type: Type): Extract<ClientMessage, { type: Type }> {
    const found = this.said.filter((message) => message.type === type).at(-1);
    if (!found) throw new Error(`no ${type} was said`);
    return found as Extract<ClientMessage, { type: Type }>;
  }

  async says(...messages: ServerMessage[]): Promise<void> {
    this.onmessage?.({ data: JSON.stringify(messages.length === 1 ? messages[0] : messages) });
    await turn();
  }

  async breaks(code = 1006): Promise<void> {
    this.onclose?.({ code, reason: '' });
    await turn();
  }

  async letsIn(more: Partial<Extract<ServerMessage, { type: 'connected' }>> = {}): Promise<void> {
    this.onopen?.();
    await turn();
    const { id, token } = this.last('connect');
    await this.says({
      type: 'connected',
      id,
      session: `s${id}`,
      self: { session: `s${id}` },
      authenticated: token !== undefined,
      now: 0,
      ping: 10_000,
      maxMessage: 1_000,
      maxFrame: 2_000,
      maxCommands: 50,
      ...more,
    });
  }
}

/** A client, and every socket it opened. */
export class Script {
  readonly clock = new TestClock();
  readonly sockets: ScriptedSocket[] = [];
  readonly client: Client;

  constructor(options: Partial<ConnectOptions> = {}) {
    const { sockets } = this;
    class Recorded extends ScriptedSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol);
        sockets.push(this);
      }
    }
    this.client = connect({
      url: 'https://example.org/',
      key: 'sub demo',
      WebSocket: Recorded,
      ports: this.clock.ports,
      ...options,
    });
  }

  get socket(): ScriptedSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('no socket was opened');
    return socket;
  }

  /** Let in, and in one channel that keeps a log. */
  static async joined(offset = 0, options: Partial<ConnectOptions> = {}): Promise<Script> {
    const script = new Script(options);
    await turn();
    await script.socket.letsIn();
    void script.client.channel('c').join();
    await turn();
    const { id } = script.socket.last('join');
    await script.socket.says({ type: 'joined', id, channel: 'c', presence: false, position: { epoch: 'e', offset } });
    return script;
  }

  /** The connection broke, and the next one was let in. */
  async back(more: Parameters<ScriptedSocket['letsIn']>[0] = {}): Promise<void> {
    await this.clock.pass(1_100);
    await this.socket.letsIn(more);
  }
}
