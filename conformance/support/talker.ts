import { RawClient } from './raw-client.ts';
import { HASH } from './server.ts';

/** Publishes numbered messages into channels at a steady rate, all of them in each. */
export class Talker {
  readonly #client: RawClient;
  readonly #channels: readonly string[];
  readonly #counts = new Map<string, number>();
  #timer: ReturnType<typeof setInterval> | undefined;

  private constructor(client: RawClient, channels: readonly string[]) {
    this.#client = client;
    this.#channels = channels;
    for (const channel of channels) this.#counts.set(channel, 0);
    client.onFrame = (frame) => {
      if (frame.action !== 'message') client.frames.push(frame);
    };
  }

  /** `perSecond` messages in all, divided among the channels; anonymous without a token. */
  static async start(port: number, channels: readonly string[], perSecond: number, token?: string): Promise<Talker> {
    const client = await RawClient.open({ port, hash: HASH, ...(token !== undefined && { token }) });
    const talker = new Talker(client, channels);
    for (const channel of channels) await client.join(channel);
    const began = Date.now();
    let due = 0;
    talker.#timer = setInterval(() => {
      const now = ((Date.now() - began) / 1000) * (perSecond / channels.length);
      for (; due < now; due += 1) talker.#say();
    }, 2);
    return talker;
  }

  /** Number of the newest message sent, into whichever channel. */
  get sent(): number {
    return Math.max(...this.#counts.values());
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #say(): void {
    for (const channel of this.#channels) {
      const n = (this.#counts.get(channel) ?? 0) + 1;
      this.#counts.set(channel, n);
      this.#client.message(channel, { n });
    }
  }
}
