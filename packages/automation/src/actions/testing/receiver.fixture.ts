import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly body: ReturnType<typeof JSON.parse>;
  readonly text: string;
  readonly headers: IncomingMessage['headers'];
}

/** A webhook's receiver that verifies what comes, and answers as it is told. */
export class Receiver {
  readonly received: Received[] = [];
  /** What it does with the n-th request, n from 1. Absent: 200. */
  answer: (response: ServerResponse, n: number) => void = (response) => response.end();
  readonly #server: Server;
  #asked = 0;

  constructor() {
    this.#server = createServer((request, response) => void this.#take(request, response));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    this.#asked += 1;
    this.received.push({ body: JSON.parse(text), text, headers: request.headers });
    this.answer(response, this.#asked);
  }

  async open(port = 0): Promise<URL> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return new URL(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
