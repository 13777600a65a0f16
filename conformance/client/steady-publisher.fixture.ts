import type { Channel, Client, Json } from '@portcullis/client';

/** What one publisher said, and which reader heard it how often. */
export type Said = { readonly by: string; readonly n: number };

/** Publishes numbers, up to `window` of them unanswered, whatever becomes of the connection. */
export class SteadyPublisher {
  readonly client: Client;
  readonly #channel: Channel<Json>;
  readonly #by: string;
  #going = true;
  #sent = 0;
  readonly acknowledged: number[] = [];
  readonly #lanes: Promise<void>[] = [];

  constructor(client: Client, channel: string, by: string) {
    this.client = client;
    this.#channel = client.channel(channel);
    this.#by = by;
  }

  async start(window: number): Promise<void> {
    await this.#channel.join();
    for (let lane = 0; lane < window; lane += 1) this.#lanes.push(this.#talk());
  }

  /** Resolves once all that was said is acknowledged. */
  async stop(): Promise<void> {
    this.#going = false;
    await Promise.all(this.#lanes);
  }

  async #talk(): Promise<void> {
    while (this.#going) {
      const n = ++this.#sent;
      await this.#channel.publish({ by: this.#by, n });
      this.acknowledged.push(n);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

/** Everything a channel's reader heard, and the gaps it was told of. */
export class Reader {
  readonly heard: Said[] = [];
  readonly offsets: number[] = [];
  readonly gaps: unknown[] = [];

  private constructor(channel: Channel<Json>) {
    channel.on('message', ({ data, offset = -1 }) => {
      this.heard.push(data as Said);
      this.offsets.push(offset);
    });
    channel.on('gap', (gap) => this.gaps.push(gap));
  }

  static async on(channel: Channel<Json>): Promise<Reader> {
    const reader = new Reader(channel);
    await channel.join();
    return reader;
  }

  countsOf(by: string): Map<number, number> {
    const counts = new Map<number, number>();
    for (const said of this.heard) if (said.by === by) counts.set(said.n, (counts.get(said.n) ?? 0) + 1);
    return counts;
  }
}
