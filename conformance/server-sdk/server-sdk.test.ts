import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PortcullisError, PortcullisServer, parseGrant, verifyWebhook } from '@portcullis/server-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SECRET } from '../actions/flapping-hook.ts';
import { RawClient } from '../support/raw-client.ts';
import { HASH, RunningServer } from '../support/server.ts';

/** A backend with the SDK against a whole server. */
let server: RunningServer;
let portcullis: PortcullisServer;
beforeAll(async () => {
  const app = `    keys: { publish: pub-sdk, subscribe: sub-sdk, secret: sdk-secret-0123456789abcdef0123456789 }
    channels: [ { target: room/*, nested: true, presence: true } ]
`;
  const env = { PORTCULLIS_SERVER_OUTBOUND_PRIVATE: 'allow' };
  server = await RunningServer.start({ app, access: '{ rules: on, grants: off, explainToClients: full }', env });
  const { key } = await server.must('POST', '/keys', {
    name: 'backend',
    app: 'test',
    scopes: ['publish', 'grants', 'revoke', 'kick'],
  });
  portcullis = new PortcullisServer({ url: `${server.url}/`, app: 'test', key: String(key) });
});
afterAll(() => server?.stop());

async function joined(user: string): Promise<RawClient> {
  const client = await RawClient.open({ port: server.port, hash: HASH, token: await server.tokenFor(user) });
  await client.join('room/1');
  return client;
}

test('a grant is minted, and reads as what was asked', async () => {
  const granted = await portcullis.grant({
    ttl: 5,
    authorizedUser: 'ann',
    resources: { channels: { 'room/1': ['read', 'write'] } },
  });
  const parsed = parseGrant(granted.token);
  expect(parsed).toMatchObject({ ok: true });
  expect(granted).toMatchObject({ id: expect.any(String), warnings: [] });
});

test('an event is published to those who are there', async () => {
  const ann = await joined('ann');
  const sent = await portcullis.publish('room/1', { text: 'hello' });
  expect(sent).toMatchObject({ delivered: 1, timetoken: expect.stringMatching(/^\d{17}$/) });
  expect(await ann.until(({ action }) => action === 'event')).toMatchObject({ payload: { data: { text: 'hello' } } });
  ann.destroy();
});

test('a user is taken off a channel, a session is cut, tokens are revoked', async () => {
  const mallory = await joined('mallory');
  expect(await portcullis.unsubscribe('mallory', 'room/1', { for: '1s', reason: 'spam' })).toMatchObject({
    sessions: 1,
  });
  await mallory.until(({ action }) => action === 'leave');
  const { sessions } = await server.must('GET', '/apps/test/sessions?user=mallory');
  const [{ id }] = sessions as [{ id: string }];
  expect(await portcullis.kick(id, { for: '0', reason: 'again' })).toMatchObject({ heldUntil: null });
  await mallory.untilGone();
  const ann = await joined('ann');
  expect(await portcullis.revoke({ user: 'ann', reason: 'lost phone' })).toMatchObject({ ids: [expect.any(Number)] });
  await ann.untilGone();
});

test('what is refused says its code, and the fields that are wrong', async () => {
  const refused = await portcullis.publish('a*b', 1).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(PortcullisError);
  expect(refused).toMatchObject({ status: 400, code: 'channel.bad-name' });
  const malformed = await portcullis.grant({ ttl: 0 }).catch((error: unknown) => error);
  expect(malformed).toMatchObject({ code: 'request.malformed', message: expect.stringContaining('ttl') });
  const stranger = new PortcullisServer({ url: server.url, app: 'test', key: 'no key of theirs' });
  expect(await stranger.publish('room/1', 1).catch((error: unknown) => error)).toMatchObject({ status: 401 });
});

test('a webhook of the server is verified', async () => {
  const verdicts: unknown[] = [];
  const hook = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    verdicts.push(await verifyWebhook(SECRET, request.headers, body));
    response.end();
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
  await server.must('POST', '/apps/test/actions', {
    name: 'hook',
    on: ['event.sent'],
    do: [{ webhook: { url, secret: SECRET } }],
  });
  await portcullis.publish('room/1', { text: 'hello' });
  await expect.poll(() => verdicts).toMatchObject([{ ok: true, payload: { type: 'event.sent', channel: 'room/1' } }]);
  hook.closeAllConnections();
  hook.close();
});
