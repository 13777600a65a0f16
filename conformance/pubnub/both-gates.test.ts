import PubNub from 'pubnub';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { HASH, RunningServer } from '../support/server.ts';

/**
 * Rules and grants both on: a PubNub client with a bound token beside a Xano client whose JWT carries a grant. Either gate
 * alone refuses; both together let them hear each other.
 */
const KEYS = {
  publish: 'pub-conformance-0123456789abcdef0123',
  subscribe: 'sub-conformance-0123456789abcdef0123',
  secret: 'sec-conformance-0123456789abcdef0123',
};

let server: RunningServer;
const clients: PubNub[] = [];

beforeAll(async () => {
  server = await RunningServer.start({
    app: `    keys: { publish: ${KEYS.publish}, subscribe: ${KEYS.subscribe}, secret: ${KEYS.secret} }
    channels:
      - { target: both, presence: true, publicMessaging: true }
      - { target: rule-only, publicMessaging: true }
`,
    access: '{ rules: on, grants: on, explainToClients: full }',
  });
});

afterAll(async () => {
  for (const client of clients) client.destroy();
  await server?.stop();
});

function pubnub(userId: string, more: object = {}): PubNub {
  const { publish: publishKey, subscribe: subscribeKey } = KEYS;
  const client = new PubNub({
    publishKey,
    subscribeKey,
    userId,
    origin: `127.0.0.1:${server.port}`,
    ssl: false,
    ...more,
  });
  clients.push(client);
  return client;
}

function grantFor(user: string, channels: readonly string[]): Promise<string> {
  const resources = { channels: Object.fromEntries(channels.map((name) => [name, { read: true, write: true }])) };
  return pubnub('backend', { secretKey: KEYS.secret }).grantToken({ ttl: 10, authorized_uuid: user, resources });
}

async function refusal(call: Promise<unknown>): Promise<{ readonly statusCode?: number; readonly code?: string }> {
  try {
    await call;
  } catch (error) {
    const { status } = error as { status?: { statusCode?: number; errorData?: { code?: string } } };
    return {
      ...(status?.statusCode === undefined ? {} : { statusCode: status.statusCode }),
      ...(status?.errorData?.code === undefined ? {} : { code: status.errorData.code }),
    };
  }
  return {};
}

describe('rules and grants both on', () => {
  it('let a PubNub client and a Xano client that both gates admit hear each other', async () => {
    const ada = pubnub('ada');
    ada.setToken(await grantFor('ada', ['both']));
    const token = await server.tokenFor('bo', { grant: await grantFor('bo', ['both']) });
    const bo = await RawClient.open({ port: server.port, hash: HASH, token });
    expect((await bo.join('both')).action).toBe('join');
    const heard = new Promise<unknown>((resolve) => {
      ada.addListener({ message: ({ message }) => resolve(message) });
    });
    await new Promise<void>((resolve) => {
      ada.addListener({ status: ({ category }) => category === 'PNConnectedCategory' && resolve() });
      ada.subscribe({ channels: ['both'] });
    });
    bo.message('both', { from: 'bo' });
    expect(await heard).toEqual({ from: 'bo' });
    await ada.publish({ channel: 'both', message: { from: 'ada' } });
    const echo = await bo.until(
      ({ action, payload }) => action === 'message' && JSON.stringify(payload).includes('ada'),
    );
    expect(echo.client?.permissions).toEqual({ dbo_id: 1, row_id: 'ada' });
    bo.destroy();
  });

  it('refuse whom the rule admits and the grant does not', async () => {
    const ada = pubnub('ada');
    ada.setToken(await grantFor('ada', ['both']));
    expect(await refusal(ada.publish({ channel: 'rule-only', message: 1 }))).toEqual({
      statusCode: 403,
      code: 'grant.not-covered',
    });
    const token = await server.tokenFor('bo', { grant: await grantFor('bo', ['both']) });
    const bo = await RawClient.open({ port: server.port, hash: HASH, token });
    expect((await bo.join('rule-only')).payload).toMatchObject({ code: 'grant.not-covered' });
    bo.destroy();
  });

  it('refuse whom the grant admits and no rule does', async () => {
    const ada = pubnub('ada');
    ada.setToken(await grantFor('ada', ['grant-only']));
    expect(await refusal(ada.publish({ channel: 'grant-only', message: 1 }))).toEqual({
      statusCode: 403,
      code: 'channel.no-rule',
    });
    const token = await server.tokenFor('bo', { grant: await grantFor('bo', ['grant-only']) });
    const bo = await RawClient.open({ port: server.port, hash: HASH, token });
    expect((await bo.join('grant-only')).payload).toMatchObject({ code: 'channel.no-rule' });
    bo.destroy();
  });

  it('refuse another user with a token that is bound, and the same user without one', async () => {
    const mallory = pubnub('mallory');
    mallory.setToken(await grantFor('ada', ['both']));
    expect(await refusal(mallory.publish({ channel: 'both', message: 1 }))).toEqual({
      statusCode: 403,
      code: 'identity.user-mismatch',
    });
    expect((await refusal(pubnub('ada').publish({ channel: 'both', message: 1 }))).statusCode).toBe(403);
  });
});
