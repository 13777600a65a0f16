import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { itemsOf, type Said } from '../support/native-client.ts';
import { RunningServer } from '../support/server.ts';
import { StreamClient, type StreamOptions } from '../support/stream-client.ts';
import { Talker } from '../support/talker.ts';

/** The promise of live enforcement on event streams, and that a stream that comes back misses nothing. */
const KEY = 'sub-streams';
const PER_SECOND = 2_000;

let server: RunningServer;
let talker: Talker;
let users = 0;
const opened: StreamClient[] = [];

beforeAll(async () => {
  server = await RunningServer.start({
    access: '{ rules: on, grants: off, explainToClients: full }',
    app: `    keys: { subscribe: ${KEY} }
    channels:
      - { target: hall, anonymousClients: true, publicMessaging: true }
      - { target: side, anonymousClients: true, publicMessaging: true, history: 1000 }
`,
  });
  talker = await Talker.start(server.port, ['hall', 'side'], PER_SECOND);
});
afterAll(async () => {
  talker?.stop();
  await server?.stop();
});
afterEach(() => {
  for (const client of opened.splice(0)) client.destroy();
});

/** What a stream has brought of each channel, kept without keeping the messages. */
class Observer {
  readonly client: StreamClient;
  readonly newest = new Map<string, { readonly n: number; readonly timetoken: bigint }>();
  gaps = 0;
  after = 0;
  readonly #lost = new Set<string>();

  constructor(options: Partial<StreamOptions> = {}) {
    this.client = new StreamClient({ port: server.port, key: KEY, channels: ['hall', 'side'], ...options });
    opened.push(this.client);
    const { said } = this.client;
    this.client.onSaid = (message: Said) => {
      if (message.type === 'messages' || message.type === 'history') this.#take(message);
      else said.push(message);
      if (message.type === 'lost') this.#lost.add(String(message.channel));
    };
  }

  #take(said: Said): void {
    const channel = String(said.channel);
    for (const { data, timetoken } of itemsOf(said)) {
      const { n } = data as { n: number };
      const last = this.newest.get(channel);
      if (this.#lost.has(channel)) this.after += 1;
      if (last !== undefined && n !== last.n + 1) this.gaps += 1;
      this.newest.set(channel, { n, timetoken: BigInt(timetoken) });
    }
  }

  async hears(): Promise<this> {
    await until(() => this.newest.size === 2);
    return this;
  }

  expectNothingAfter(ack: Record<string, unknown>): void {
    for (const { timetoken } of this.newest.values()) {
      expect(timetoken <= BigInt(String(ack.timetoken))).toBe(true);
    }
    expect([this.gaps, this.after]).toEqual([0, 0]);
  }
}

async function user(): Promise<Observer & { readonly name: string }> {
  users += 1;
  const name = `user-${users}`;
  const observer = await new Observer({ token: await server.tokenFor(name) }).hears();
  return Object.assign(observer, { name });
}

describe(`under ${PER_SECOND} messages a second`, () => {
  it.each([
    ['revocation', '/apps/test/revocations', {}, 'identity.revoked', true],
    ['ban', '/apps/test/bans', { reason: 'out' }, 'identity.banned', false],
  ])('a %s ends the streams of its user, also of one who has stopped reading', async (_, path, more, code, again) => {
    const [who, stalled] = [await user(), await user()];
    stalled.client.stopReading();
    for (const one of [who, stalled]) {
      const ack = await server.must('POST', path, { user: one.name, ...more });
      await pause(50);
      one.client.goOnReading();
      await until(() => one.client.gone);
      one.expectNothingAfter(ack);
    }
    expect(who.client.said.at(-1)).toMatchObject({ type: 'closing', code, reconnect: again });
  });

  it('an expired token ends its stream at that instant', async () => {
    users += 1;
    const token = await server.tokenFor(`user-${users}`, { ttl: '1s' });
    const who = new Observer({ token });
    await until(() => who.client.gone);
    expect(who.client.said.at(-1)).toMatchObject({ type: 'closing', code: 'identity.expired', reconnect: true });
    expect(who.gaps).toBe(0);
  });

  it('an unsubscribe takes one channel, and the other goes on', async () => {
    const who = await user();
    const ack = await server.must('POST', '/apps/test/unsubscribe', { user: who.name, channel: 'hall' });
    await who.client.until(({ type }) => type === 'lost');
    const before = who.newest.get('side')?.n ?? 0;
    await until(() => (who.newest.get('side')?.n ?? 0) > before);
    expect((who.newest.get('hall')?.timetoken ?? 0n) <= BigInt(String(ack.timetoken))).toBe(true);
    expect([who.gaps, who.after]).toEqual([0, 0]);
  });

  it('a stream that breaks off at any moment comes back to what it missed, once and in order', async () => {
    let last = await new Observer().hears();
    for (let times = 0; times < 25; times += 1) {
      await pause(Math.random() * 60);
      last.client.destroy();
      const { lastEventId } = last.client;
      const seen = new Map(last.newest);
      await pause(Math.random() * 60);
      const next = new Observer({ lastEventId });
      for (const [channel, { n, timetoken }] of seen) next.newest.set(channel, { n, timetoken });
      const heard = () =>
        ['hall', 'side'].every((channel) => (next.newest.get(channel)?.n ?? 0) > (seen.get(channel)?.n ?? 0));
      await until(heard);
      const recoveries = next.client.said.filter(({ type }) => type === 'joined').map(({ recovery }) => recovery);
      expect([recoveries, next.gaps]).toEqual([['complete', 'complete'], 0]);
      last = next;
    }
  });
});

async function until(fits: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!fits()) {
    if (Date.now() > deadline) throw new Error('it did not come');
    await pause(5);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
