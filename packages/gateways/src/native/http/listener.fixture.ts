import { connect, type Socket } from 'node:net';
import { until } from '../../shared/loopback.fixture.ts';

type Said = Record<string, unknown>;

/** One event stream as a client reads it from the bare connection, by the rules of the HTML standard. */
export class Listener {
  readonly socket: Socket;
  #text = '';
  ended = false;

  constructor(port: number, target: string, headers: Record<string, string> = {}) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => {});
    this.socket.on('data', (bytes: Buffer) => {
      this.#text += bytes.toString();
    });
    this.socket.on('close', () => {
      this.ended = true;
    });
    const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    this.socket.write(`GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`);
  }

  get head(): string {
    return this.#text.split('\r\n\r\n', 1)[0] ?? '';
  }

  get status(): number {
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.head)?.[1]);
  }

  get body(): string {
    return this.#text.slice(this.head.length + 4);
  }

  get #blocks(): string[] {
    return this.body.split('\n\n').slice(0, -1);
  }

  /** The messages of all events that have data. */
  get said(): Said[] {
    return this.#blocks.flatMap((block) => {
      const data = block.split('\n').filter((line) => line.startsWith('data: '));
      return data.length === 0 ? [] : [JSON.parse(data.map((line) => line.slice(6)).join('\n')) as Said];
    });
  }

  /** What a browser would come back with. */
  get lastEventId(): string {
    const ids = this.#blocks.flatMap((block) => block.split('\n').filter((line) => line.startsWith('id: ')));
    return ids.at(-1)?.slice(4) ?? '';
  }

  async hears(type: string, count = 1): Promise<Said> {
    const found = () => this.said.filter((message) => message.type === type);
    await until(() => found().length >= count || this.ended, `it hears ${count} ${type}: ${this.body}`);
    return found()[count - 1] ?? {};
  }

  /** The answer, when it is one with a length. */
  async problem(): Promise<Said & { status: number }> {
    await until(() => this.head !== this.#text && this.body.endsWith('}'), 'it is answered');
    return { ...(JSON.parse(this.body) as Said), status: this.status };
  }
}
