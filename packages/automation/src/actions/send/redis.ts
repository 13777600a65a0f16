import type { Redis } from 'ioredis';
import type { Reach } from '../../outbound/index.ts';
import type { Parcel } from '../envelope/parcel.ts';
import type { RedisTarget } from '../spec.ts';
import { Connection } from './connection.ts';
import { loadClient } from './load-client.ts';
import { SENT, type Sender, type Sent } from './sender.ts';

/** Adds to a Redis stream. An entry has the fields `id`, `content-type` and `body`. */
export class RedisSender implements Sender {
  readonly #target: RedisTarget;
  readonly #connection: Connection<Redis>;

  constructor(target: RedisTarget, reach: Reach) {
    this.#target = target;
    this.#connection = new Connection(
      () => connect(target.url, reach),
      async (client) => client.disconnect(),
    );
  }

  async send({ id, contentType, body }: Parcel): Promise<Sent> {
    const client = await this.#connection.get();
    const { stream, maxLength } = this.#target;
    const trim = maxLength === undefined ? [] : ['MAXLEN', '~', String(maxLength)];
    try {
      await client.call('XADD', stream, ...trim, '*', 'id', id, 'content-type', contentType, 'body', body);
      return SENT;
    } catch (error) {
      this.#connection.lost(client);
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

async function connect(url: string, reach: Reach): Promise<Redis> {
  const { Redis } = await loadClient('ioredis', () => import('ioredis'));
  await reach(new URL(url).hostname);
  // It does not come back by itself: the lane tries again, and asks where the name leads by then.
  const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  client.on('error', () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.disconnect();
    throw error;
  }
}
