import { connect, type Socket } from 'node:net';
import type { Said } from './native-client.ts';

export interface StreamOptions {
  readonly port: number;
  readonly key: string;
  readonly channels: readonly string[];
  readonly token?: string;
  readonly lastEventId?: string;
}

/** One event stream read from the bare connection by the rules of the HTML standard: it may stop reading. */
export class StreamClient {
  readonly said: Said[] = [];
  /** What a browser would come back with. */
  lastEventId = '';
  gone = false;
  /** Called for every message instead of keeping it. */
  onSaid: ((said: Said) => void) | null = null;
  readonly #socket: Socket;
  #text = '';
  #inBody = false;

  constructor({ port, key, channels, token, lastEventId }: StreamOptions) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.gone = true;
    });
    this.#socket.on('data', (bytes: Buffer) => this.#read(bytes.toString()));
    const named = channels.map((channel) => `&channel=${encodeURIComponent(channel)}`).join('');
    const headers = [
      ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
      ...(lastEventId === undefined ? [] : [`Last-Event-ID: ${lastEventId}`]),
    ];
    const lines = [`GET /v1/stream?key=${key}${named} HTTP/1.1`, 'Host: localhost', ...headers, '', ''];
    this.#socket.write(lines.join('\r\n'));
  }

  async until(fits: (said: Said) => boolean): Promise<Said> {
    const deadline = Date.now() + 10_000;
    for (;;) {
      const found = this.said.find(fits);
      if (found) return found;
      if (Date.now() > deadline) throw new Error(`no such message among ${JSON.stringify(this.said.slice(-5))}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  stopReading(): void {
    this.#socket.pause();
  }

  goOnReading(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    this.#text += text;
    if (!this.#inBody) {
      const end = this.#text.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.#inBody = true;
      this.#text = this.#text.slice(end + 4);
    }
    const blocks = this.#text.split('\n\n');
    this.#text = blocks.pop() ?? '';
    for (const block of blocks) this.#take(block.split('\n'));
  }

  #take(lines: readonly string[]): void {
    const id = lines.findLast((line) => line.startsWith('id: '));
    if (id !== undefined) this.lastEventId = id.slice(4);
    const data = lines.filter((line) => line.startsWith('data: '));
    if (data.length === 0) return;
    const said = JSON.parse(data.map((line) => line.slice(6)).join('\n')) as Said;
    if (this.onSaid) this.onSaid(said);
    else this.said.push(said);
  }
}
