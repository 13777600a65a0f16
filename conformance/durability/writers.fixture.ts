import { RawClient } from '../support/raw-client.ts';
import { HASH, type RunningServer } from '../support/server.ts';

/** What a writer put into a channel: who it is, and a number that grows by one. */
export interface Mark {
  readonly by: string;
  readonly n: number;
}

export interface Placed extends Mark {
  readonly timetoken: string;
}

/** Messages of one connection, a few always on their way, and what came back to it. */
export class Publisher {
  /** Every message that this client saw, its own and others', as it came. */
  readonly seen: Placed[] = [];
  readonly #client: RawClient;
  readonly #channel: string;
  readonly #by: string;
  #sent = 0;

  private constructor(client: RawClient, channel: string, by: string) {
    this.#client = client;
    this.#channel = channel;
    this.#by = by;
  }

  /** @param ahead messages on their way at once */
  static async start(
    port: number,
    channel: string,
    { by, token, ahead }: { by: string; token?: string; ahead: number },
  ) {
    const client = await RawClient.open({ port, hash: HASH, ...(token === undefined ? {} : { token }) });
    await client.join(channel);
    const publisher = new Publisher(client, channel, by);
    client.onFrame = ({ action, options, payload }) => {
      if (action !== 'message') return;
      const mark = payload as Mark;
      publisher.seen.push({ ...mark, timetoken: options?.timetoken ?? '' });
      if (mark.by === by) publisher.#say();
    };
    for (let n = 0; n < ahead; n += 1) publisher.#say();
    return publisher;
  }

  #say(): void {
    this.#sent += 1;
    this.#client.message(this.#channel, { by: this.#by, n: this.#sent });
  }

  leave(): void {
    this.#client.destroy();
  }
}

/** Server events over HTTP, one after the other, until the server is gone. Those that were acknowledged are added to the list. */
export function sendEvents(server: RunningServer, channel: string, by: string, acknowledged: Placed[]): Promise<void> {
  return untilGone(async (n) => {
    const mark = { by, n };
    const { timetoken } = await server.must('POST', '/apps/test/events', { channel, data: mark });
    acknowledged.push({ ...mark, timetoken: String(timetoken) });
  });
}

/** Takes step after step, numbered from 1, until one fails because the server is gone. */
export async function untilGone(step: (n: number) => Promise<void>): Promise<void> {
  for (let n = 1; ; n += 1) {
    try {
      await step(n);
    } catch (error) {
      // `fetch` fails with a TypeError when the connection does; anything else is an answer, and wrong.
      if (error instanceof TypeError) return;
      throw error;
    }
  }
}

/** What a newcomer is shown of the channel's past, oldest first. */
export async function historyOf(port: number, channel: string): Promise<Placed[]> {
  const client = await RawClient.open({ port, hash: HASH });
  await client.join(channel);
  client.send({ action: 'history', options: { channel }, payload: null });
  const { payload } = await client.until(({ action }) => action === 'history' || action === 'error');
  client.destroy();
  const { history } = payload as { history: { payload: Mark | { data: Mark }; options: { timetoken: string } }[] };
  return history.map(({ payload: said, options }) => {
    const { by, n } = 'data' in said ? said.data : said;
    return { by, n, timetoken: options.timetoken };
  });
}
