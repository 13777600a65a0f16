import PubNub from 'pubnub';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort, RunningServer } from '../support/server.ts';
import { KEYS, outcome } from './grant-house.fixture.ts';
import { failure, VendorUser } from './vendor-client.fixture.ts';

/** Who holds the secret key: what it signs counts once, and it is known again when it tries again. The SDK as it is published. */

/** The SDK waits 2, 4, 8 … seconds between attempts; here its seconds take fifty milliseconds. */
const FASTER = 20;
const wait = setTimeout;
const options = {
  publishKey: KEYS.publish,
  subscribeKey: KEYS.subscribe,
  secretKey: KEYS.secret,
  userId: 'backend',
};
const RETRIES = {
  retryConfiguration: PubNub.ExponentialRetryPolicy({ minimumDelay: 2, maximumDelay: 150, maximumRetry: 6 }),
};

let server: RunningServer;
let port: number;
const met: VendorUser[] = [];
/** Addresses that the SDK asked, in order. */
let asked: string[] = [];
/** What the server said, where it said anything. */
let answered: [url: string, status: number][] = [];

const start = (limits = '') => {
  const { publish, subscribe, secret } = KEYS;
  return RunningServer.start({
    port,
    access: '{ rules: off, grants: on, explainToClients: full }',
    app: `    keys: { publish: ${publish}, subscribe: ${subscribe}, secret: ${secret} }\n${limits}`,
  });
};

beforeAll(async () => {
  port = await freePort();
  server = await start();
});
afterEach(() => {
  vi.unstubAllGlobals();
  for (const { client } of met.splice(0)) client.destroy(true);
});
afterAll(() => server?.stop());

function meet(more: object = {}): VendorUser {
  asked = [];
  answered = [];
  const { fetch } = globalThis;
  vi.stubGlobal('fetch', async (request: Request | string, init?: RequestInit) => {
    // The SDK alone makes requests of its own.
    if (typeof request === 'string') return fetch(request, init);
    asked.push(request.url);
    const response = await fetch(request, init);
    answered.push([request.url, response.status]);
    return response;
  });
  vi.stubGlobal('setTimeout', (fn: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
    wait(fn, ms >= 1_000 ? ms / FASTER : ms, ...args),
  );
  const one = new VendorUser(port, { ...options, ...more });
  met.push(one);
  return one;
}

/** Restarts the server as an operator does, with a while in which nobody listens. */
async function restart(away: number, limits = ''): Promise<void> {
  await server.stop();
  await new Promise((resolve) => wait(resolve, away));
  server = await start(limits);
}

describe('a client with the secret key that is subscribed', () => {
  it('goes on after a restart, however many of its attempts found nobody', async () => {
    const backend = meet();
    await backend.subscribed({ channels: ['a'] });
    await restart(500);
    await expect
      .poll(async () => {
        await outcome(
          new PubNub({ ...options, origin: `127.0.0.1:${port}`, ssl: false }).publish({
            channel: 'a',
            message: 'back',
          }),
        );
        return backend.of('message').length;
      })
      .toBeGreaterThan(0);
    expect(backend.of('status').map(({ category }) => category)).not.toContain('PNDisconnectedUnexpectedlyCategory');
  });

  it('goes on after it was asked to come back', async () => {
    await restart(0, '    limits: { ratePerAddress: 3 }\n');
    const backend = meet();
    await backend.subscribed({ channels: ['a'] });
    // Somebody at the same address asks too often.
    const { fetch } = globalThis;
    await Promise.all(
      Array.from({ length: 10 }, () => fetch(new Request(`${server.url}/v2/subscribe/${KEYS.subscribe}/z/0`))),
    );
    backend.client.subscribe({ channels: ['b'] });
    await expect.poll(() => statusesOf('a,b')).toContain(429);
    await expect.poll(() => polls('a,b').length).toBeGreaterThan(statusesOf('a,b').length);
    await server.must('POST', '/apps/test/events', { channel: 'b', data: 'back' });
    await backend.seen('message', { channel: 'b', message: 'back' });
    expect(statusesOf('a,b')).not.toContain(403);
    await restart(0);
  });
});

/** Polls for these channels, answered or not. */
const polls = (channels: string) => asked.filter((url) => url.includes(`/${channels}/0?`));
/** What polls for these channels were answered with. */
const statusesOf = (channels: string) =>
  answered.filter(([url]) => url.includes(`/${channels}/0?`)).map(([, status]) => status);

describe('a client with the secret key that tries again', () => {
  it('publishes, and grants, after it was asked to come back', async () => {
    await restart(0, '    limits: { ratePerAddress: 3 }\n');
    const backend = meet(RETRIES);
    const granting = new PubNub({ ...options, ...RETRIES, origin: `127.0.0.1:${port}`, ssl: false });
    // Somebody at the same address asks too often.
    const { fetch } = globalThis;
    await Promise.all(
      Array.from({ length: 10 }, () => fetch(new Request(`${server.url}/v2/subscribe/${KEYS.subscribe}/z/0`))),
    );
    const published = backend.client.publish({ channel: 'a', message: 'late' });
    const granted = granting.grantToken({ ttl: 1, resources: { channels: { a: { read: true } } } });
    expect(await published).toMatchObject({ timetoken: expect.stringMatching(/^\d{17}$/) });
    expect(await granted).toEqual(expect.any(String));
    expect(answered.filter(([url]) => !url.includes('/z/0')).map(([, status]) => status)).toContain(429);
    await restart(0);
  });

  it('is refused, with another secret, at once, and subscribing after one more attempt', async () => {
    const forger = meet({ ...RETRIES, secretKey: 'sec-another-0123456789abcdef01234567' });
    const refused = await failure(forger.client.publish({ channel: 'a', message: 1 }));
    expect(refused).toMatchObject({ category: 'PNAccessDeniedCategory', statusCode: 403 });
    expect(asked).toHaveLength(1);
    forger.client.subscribe({ channels: ['forged'] });
    await forger.seen('status', { category: 'PNConnectionErrorCategory', error: 'PNAccessDeniedCategory' });
    expect(polls('forged')).toHaveLength(2);
  });
});

describe('what a client with the secret key signed', () => {
  it.each([
    ['a publication', () => met[0]?.client.publish({ channel: 'a', message: 1 })],
    ['a signal', () => met[0]?.client.signal({ channel: 'a', message: 1 })],
    ['state', () => met[0]?.client.setState({ channels: ['a'], state: { mood: 'ok' } })],
    [
      'state on a heartbeat',
      () => met[0]?.client.setState({ channels: ['a'], state: { mood: 'ok' }, withHeartbeat: true }),
    ],
    ['a change of a group', () => met[0]?.client.channelGroups.addChannels({ channels: ['a'], channelGroup: 'g' })],
  ])('is not done again by whoever recorded it: %s', async (_, call) => {
    meet();
    await call();
    const [recorded = ''] = asked;
    const again = await fetch(new Request(recorded));
    expect([again.status, again.headers.get('x-portcullis-code')]).toEqual([403, 'identity.replayed']);
  });

  it('is not done with another body: a publication by POST', async () => {
    const { client } = meet();
    await client.publish({ channel: 'a', message: 'mine', sendByPost: true });
    const [recorded = ''] = asked;
    const again = await fetch(new Request(recorded, { method: 'POST', body: '"forged"' }));
    expect([again.status, again.headers.get('x-portcullis-code')]).toEqual([403, 'identity.replayed']);
  });

  it('is not done again by the server that started since', async () => {
    const { client } = meet();
    await client.publish({ channel: 'a', message: 1 });
    const [recorded = ''] = asked;
    await restart(1_000);
    const again = await fetch(new Request(recorded));
    expect([again.status, again.headers.get('x-portcullis-code')]).toEqual([503, 'identity.signed-too-early']);
  });
});
