import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { itemsOf, NativeClient, type NativeOptions, type Said } from '../support/native-client.ts';
import { RunningServer } from '../support/server.ts';
import { Talker } from '../support/talker.ts';

/**
 * The promise of live enforcement through the native door, seen by observers that know nothing of the server's code:
 * nothing with a later timetoken than the acknowledgement's reaches the denied, who is told in this door's own way.
 */
const KEY = 'sub-enforcement';
const PER_SECOND = 3_000;

let server: RunningServer;
let talker: Talker;
let users = 0;
const opened: NativeClient[] = [];

beforeAll(async () => {
  server = await RunningServer.start({
    access: '{ rules: on, grants: off, explainToClients: full }',
    app: `    keys: { subscribe: ${KEY} }
    tokenGrace: 2s
    channels:
      - { target: hall, anonymousClients: true, publicMessaging: true, history: 100 }
      - { target: side, anonymousClients: true, publicMessaging: true }
`,
  });
  talker = await Talker.start(server.port, ['hall', 'side'], PER_SECOND);
});
afterAll(async () => {
  talker?.stop();
  for (const client of opened) client.destroy();
  await server?.stop();
});
beforeEach(() => {
  for (const client of opened.splice(0)) client.destroy();
});

/** What one client has seen of a channel, kept without keeping the messages. */
class Observer {
  readonly client: NativeClient;
  readonly newest = new Map<string, bigint>();
  gaps = 0;
  /** Messages that came behind the last word on the channel. */
  after = 0;
  readonly #last = new Map<string, number>();
  readonly #lost = new Set<string>();

  constructor(client: NativeClient) {
    this.client = client;
    const { frames } = client;
    client.onFrame = (said: Said) => {
      if (said.type === 'messages') this.#take(said);
      else frames.push(said);
      if (said.type === 'lost') this.#lost.add(String(said.channel));
      if (said.type === 'joined') this.#lost.delete(String(said.channel));
    };
  }

  #take(said: Said): void {
    const channel = String(said.channel);
    for (const { data, timetoken } of itemsOf(said)) {
      const { n } = data as { n: number };
      const last = this.#last.get(channel);
      if (this.#lost.has(channel)) this.after += 1;
      if (last !== undefined && n !== last + 1) this.gaps += 1;
      this.#last.set(channel, n);
      this.newest.set(channel, BigInt(timetoken));
    }
  }

  /** It is in both channels and hears. */
  async listens(): Promise<this> {
    for (const channel of ['hall', 'side']) await this.client.join(channel);
    await until(() => this.newest.size === 2);
    return this;
  }
}

async function observer(options: Partial<NativeOptions> = {}): Promise<Observer> {
  const client = await NativeClient.open({ port: server.port, key: KEY, ...options });
  opened.push(client);
  return new Observer(client).listens();
}

/** A proven user of a new name. */
async function user(more: Partial<NativeOptions> = {}): Promise<Observer & { readonly name: string }> {
  users += 1;
  const name = `user-${users}`;
  return Object.assign(await observer({ token: await server.tokenFor(name), ...more }), { name });
}

const timetokenOf = (ack: Record<string, unknown>): bigint => BigInt(String(ack.timetoken));

function expectCut(who: Observer, ack: Record<string, unknown>): void {
  for (const [channel, newest] of who.newest) expect([channel, newest <= timetokenOf(ack)]).toEqual([channel, true]);
  expect([who.gaps, who.after]).toEqual([0, 0]);
}

describe(`under ${PER_SECOND} messages a second`, () => {
  it('a rule that is switched off takes its channel, in order, and leaves the other', async () => {
    const [quick, stalled] = [await observer(), await observer()];
    const made = await server.must('POST', '/apps/test/rules', {
      target: 'room',
      anonymousClients: true,
      publicMessaging: true,
    });
    const third = await Talker.start(server.port, ['room'], 1_000);
    for (const { client } of [quick, stalled]) await client.join('room');
    await until(() => quick.newest.has('room') && stalled.newest.has('room'));
    stalled.client.stopReading();
    const ack = await server.must('PUT', `/apps/test/rules/${made.id}`, { target: 'room', enabled: false });
    await pause(200);
    stalled.client.goOnReading();
    for (const { client } of [quick, stalled]) {
      expect(await client.until(({ type }) => type === 'lost')).toMatchObject({
        channel: 'room',
        what: 'channel',
        code: 'channel.no-rule',
      });
    }
    third.stop();
    const before = quick.newest.get('hall') ?? 0n;
    await until(() => (quick.newest.get('hall') ?? 0n) > before);
    for (const who of [quick, stalled]) {
      expect((who.newest.get('room') ?? 0n) <= timetokenOf(ack)).toBe(true);
      expect([who.gaps, who.after]).toEqual([0, 0]);
    }
  });

  it('a revoked user loses its channels, is told so, and is ended when no other token comes', async () => {
    const [who, deaf] = [await user(), await user({ deaf: true })];
    for (const one of [who, deaf]) {
      const { client } = one;
      const ack = await server.must('POST', '/apps/test/revocations', { user: one.name });
      await client.until(({ type }) => type === 'token-expired');
      const told = client.frames.filter(({ type }) => type === 'lost' || type === 'token-expired');
      expect(told.map(({ type, channel, code }) => [type, channel, code])).toEqual([
        ['lost', 'hall', 'identity.revoked'],
        ['lost', 'side', 'identity.revoked'],
        ['token-expired', undefined, 'identity.revoked'],
      ]);
      expect((await client.join('hall')).code).toBe('identity.revoked');
      await client.untilGone();
      expect(client.frames.at(-1)).toMatchObject({ type: 'closing', code: 'identity.revoked', reconnect: true });
      expect(client.closeCode).toBe(4401);
      expectCut(one, ack);
    }
  });

  it('an expired token is replaced within the grace: what was missed is sent, once and in order', async () => {
    users += 1;
    const name = `user-${users}`;
    const who = await observer({ token: await server.tokenFor(name, { ttl: '1s' }) });
    const client = who.client;
    await client.until(({ type }) => type === 'token-expired');
    expect(who.after).toBe(0);
    expect((await client.asked({ type: 'token', token: await server.tokenFor(name) })).type).toBe('token');
    expect((await client.join('hall')).type).toBe('joined');
    await pause(2_500);
    expect(client.gone).toBe(false);
  });

  it('a token swapped on a live connection makes neither a gap nor a duplicate', async () => {
    const who = await user();
    for (let times = 0; times < 20; times += 1) {
      const answer = await who.client.asked({ type: 'token', token: await server.tokenFor(who.name) });
      expect(answer.type).toBe('token');
    }
    const before = who.newest.get('side') ?? 0n;
    await until(() => (who.newest.get('side') ?? 0n) > before);
    expect([who.gaps, who.client.frames.filter(({ type }) => type === 'lost')]).toEqual([0, []]);
  });

  it('a ban ends the connection, also of a peer that has stopped reading, and keeps the user out', async () => {
    const [who, stalled] = [await user(), await user()];
    stalled.client.stopReading();
    for (const one of [who, stalled]) {
      const ack = await server.must('POST', '/apps/test/bans', { user: one.name, reason: 'out' });
      await pause(50);
      one.client.goOnReading();
      await one.client.untilGone();
      expectCut(one, ack);
    }
    expect(who.client.frames.at(-1)).toMatchObject({ type: 'closing', code: 'identity.banned', reconnect: false });
    expect([who.client.closeCode, who.client.closeReason]).toEqual([4501, 'identity.banned']);
    const token = await server.tokenFor(who.name);
    await expect(NativeClient.open({ port: server.port, key: KEY, token })).rejects.toThrow('identity.banned');
  });

  it('a kick ends one connection of a user, and holds the user off', async () => {
    const who = await user();
    const ack = await server.must('DELETE', `/apps/test/sessions/${who.client.session}`);
    await who.client.untilGone();
    expectCut(who, ack);
    expect([who.client.closeCode, who.client.frames.at(-1)]).toMatchObject([4502, { code: 'session.kicked' }]);
    const token = await server.tokenFor(who.name);
    await expect(NativeClient.open({ port: server.port, key: KEY, token })).rejects.toThrow('identity.held-off');
  });

  it('an unsubscribe takes one channel of one user, and holds it off that', async () => {
    const who = await user();
    const ack = await server.must('POST', '/apps/test/unsubscribe', { user: who.name, channel: 'hall' });
    expect(await who.client.until(({ type }) => type === 'lost')).toMatchObject({ channel: 'hall', what: 'channel' });
    expect((await who.client.join('hall')).code).toBe('identity.held-off');
    const before = who.newest.get('side') ?? 0n;
    await until(() => (who.newest.get('side') ?? 0n) > before);
    expect((who.newest.get('hall') ?? 0n) <= timetokenOf(ack)).toBe(true);
    expect([who.gaps, who.after]).toEqual([0, 0]);
  });

  it('who comes back with its position misses nothing', async () => {
    const who = await observer();
    const { client } = who;
    const page = await client.asked({ type: 'history', channel: 'hall', limit: 1 });
    const [item] = itemsOf(page);
    if (item?.offset === undefined) throw new Error('the newest message has no place');
    const { offset, data: newest } = item;
    const { epoch } = (await client.join('hall')).position as { epoch: string };
    client.destroy();
    const again = await NativeClient.open({ port: server.port, key: KEY });
    opened.push(again);
    const numbers: number[] = [];
    again.onFrame = (said) => {
      if (said.type === 'messages' || said.type === 'history') {
        for (const { data } of itemsOf(said)) numbers.push((data as { n: number }).n);
      } else again.frames.push(said);
    };
    await pause(100);
    expect(await again.join('hall', { recover: { epoch, offset } })).toMatchObject({
      type: 'joined',
      recovery: 'complete',
    });
    await until(() => numbers.length > 500);
    const [first = 0] = numbers;
    expect(first).toBe((newest as { n: number }).n + 1);
    expect(numbers).toEqual(numbers.map((_, at) => first + at));
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
