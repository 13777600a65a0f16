import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

interface Told {
  readonly type: string;
  readonly channel?: string;
  readonly data: { readonly message?: unknown; readonly user?: string };
}

/** A receiver that fails a part of what it is asked, takes its time over another, and remembers what it took. */
export class FlappingHook {
  /** What it said yes to, as it came. */
  readonly taken: Told[] = [];
  /** What it saw, whatever it answered. */
  readonly seen: Told[] = [];
  /** How much of it fails, from 0 to 1. */
  failing = 0.1;
  forged = 0;
  readonly #server: Server;
  readonly #webhook = new Webhook(SECRET);

  constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of request) chunks.push(chunk as Buffer);
      } catch {
        return;
      }
      const text = Buffer.concat(chunks).toString();
      try {
        this.#webhook.verify(text, request.headers as Record<string, string>);
      } catch {
        this.forged += 1;
      }
      const told = JSON.parse(text) as Told;
      this.seen.push(told);
      if (Math.random() < this.failing) {
        response.writeHead(503).end();
        return;
      }
      this.taken.push(told);
      response.end();
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
