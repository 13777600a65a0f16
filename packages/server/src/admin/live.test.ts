import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ONE_APP, startServer, type TestServer } from '../serve.fixture.ts';
import { connectXano, type XanoClient } from '../xano-client.fixture.ts';

const CHAT = `${ONE_APP}
      - { target: chat, presence: true, anonymousClients: true, publicMessaging: true }
`;

let server: TestServer;
beforeEach(async () => {
  server = await startServer(CHAT);
});
afterEach(() => server.stop());

async function join(user?: string, about: object = {}, channel = 'chat'): Promise<XanoClient> {
  const minted = user === undefined ? undefined : await server.admin('POST', '/apps/shop/tokens', { user, ...about });
  const client = await connectXano(server.url, 'shop-hash', minted && String(minted.body.token));
  client.say('join', channel);
  await client.next('join');
  return client;
}

const event = (body: object) => server.admin('POST', '/apps/shop/events', { channel: 'chat', ...body });

describe('server events', () => {
  test('reach everyone, the authenticated of a table, one row or one user, and nobody else', async () => {
    const nobody = await join();
    const ada = await join('ada', { table: 1, row: 7 });
    const bo = await join('bo', { table: 2, row: 7 });
    expect((await event({ data: 'table', table: 1 })).body.delivered).toBe(1);
    expect((await event({ data: 'row', table: 2, row: 7 })).body.delivered).toBe(1);
    expect((await event({ data: 'user', user: 'ada' })).body.delivered).toBe(1);
    expect((await event({ data: 'all' })).body.delivered).toBe(3);
    const seen = async (client: XanoClient, count: number) => {
      const data = [];
      for (let n = 0; n < count; n++) data.push(((await client.next('event')).payload as { data: string }).data);
      return data;
    };
    expect(await seen(ada, 3)).toEqual(['table', 'user', 'all']);
    expect(await seen(bo, 2)).toEqual(['row', 'all']);
    expect(await seen(nobody, 1)).toEqual(['all']);
  });
});

/** With a hold it may be the hold that removes them. */
const REMOVED = expect.stringMatching(/^(?:session\.kicked|identity\.held-off)$/);

describe('cutting', () => {
  test('one connection, whose user is held off for a while', async () => {
    const ada = await join('ada');
    const { body } = await server.admin('GET', '/apps/shop/sessions?user=ada');
    const [{ id }] = body.sessions as [{ id: string }];
    const cut = await server.admin('DELETE', `/apps/shop/sessions/${id}?for=30s&reason=spam`);
    expect(cut).toMatchObject({ status: 200, body: { epoch: expect.any(Number) } });
    expect(Number(cut.body.heldUntil) - Date.now()).toBeGreaterThan(25_000);
    expect(await ada.closed).toBe(4403);
    const again = await server.admin('POST', '/apps/shop/tokens', { user: 'ada' });
    const held = await connectXano(server.url, 'shop-hash', String(again.body.token));
    expect(await held.next('error')).toMatchObject({ payload: { code: 'identity.held-off' } });
    expect((await server.admin('DELETE', `/apps/shop/sessions/${id}`)).status).toBe(404);
    const bans = await server.admin('GET', '/apps/shop/bans');
    expect(bans.body.bans).toMatchObject([{ user: 'ada', hold: true, reason: 'spam' }]);
  });

  test('once only, with `for` 0', async () => {
    const ada = await join('ada');
    const { body } = await server.admin('GET', '/apps/shop/sessions?user=ada');
    const [{ id }] = body.sessions as [{ id: string }];
    const cut = await server.admin('DELETE', `/apps/shop/sessions/${id}?for=0`);
    expect(cut.body.heldUntil).toBeNull();
    await ada.closed;
    await join('ada');
  });

  test('one user from one channel, and from no other', async () => {
    const ada = await join('ada');
    ada.say('join', 'news');
    await ada.next('join');
    const off = await server.admin('POST', '/apps/shop/unsubscribe', { user: 'ada', channel: 'chat', for: 5 });
    expect(off.body).toMatchObject({ sessions: 1 });
    expect(Number(off.body.heldUntil) - Date.now()).toBeLessThanOrEqual(5_000);
    expect(await ada.next('error')).toMatchObject({ options: { channel: 'chat' }, payload: { code: REMOVED } });
    expect(await ada.next('leave')).toMatchObject({ options: { channel: 'chat' } });
    await server.admin('POST', '/apps/shop/events', { channel: 'news', data: 'still here' });
    expect(await ada.next('event')).toMatchObject({ payload: { data: 'still here' } });
    ada.say('join', 'chat');
    expect(await ada.next('error')).toMatchObject({ payload: { code: 'identity.held-off' } });
  });

  test('a banned user and a revoked token are cut, with the reason', async () => {
    const ada = await join('ada');
    await server.admin('POST', '/apps/shop/bans', { user: 'ada' });
    expect(await ada.next('error')).toMatchObject({ payload: { code: 'identity.banned' } });
    expect(await ada.closed).toBe(4403);

    const bo = await join('bo');
    await server.admin('POST', '/apps/shop/revocations', { user: 'bo' });
    expect(await bo.next('error')).toMatchObject({ payload: { code: 'identity.revoked' } });
    expect(await bo.closed).toBe(4401);
  });

  test('a rule that is switched off cuts whom it held, and nothing published after its answer reaches them', async () => {
    const made = await server.admin('POST', '/apps/shop/rules', { template: 'open-chat', target: 'room' });
    const client = await join(undefined, {}, 'room');
    await server.admin('PUT', `/apps/shop/rules/${made.body.id}`, {
      template: 'open-chat',
      target: 'room',
      enabled: false,
    });
    await server.admin('POST', '/apps/shop/events', { channel: 'room', data: 'too late' });
    expect(await client.next('error')).toMatchObject({
      options: { channel: 'room' },
      payload: { code: 'channel.no-rule' },
    });
    await client.next('leave');
    client.say('join', 'chat');
    await client.next('join');
    await event({ data: 'first' });
    expect(await client.next('event')).toMatchObject({ payload: { data: 'first' } });
  });

  test('an app that is switched off or deleted ends its sessions', async () => {
    await server.admin('POST', '/apps', { id: 'made', connectionHash: 'made-hash' });
    const one = await connectXano(server.url, 'made-hash');
    await server.admin('PATCH', '/apps/made', { enabled: false });
    expect(await one.closed).toBe(4403);
    await server.admin('PATCH', '/apps/made', { enabled: true });
    const two = await connectXano(server.url, 'made-hash');
    await server.admin('DELETE', '/apps/made');
    expect(await two.closed).toBe(4403);
    const three = await connectXano(server.url, 'made-hash');
    expect(await three.closed).toBe(4404);
  });
});

test('channels show how many are there and which rule applies', async () => {
  await join('ada');
  await join();
  const { body } = await server.admin('GET', '/apps/shop/channels?prefix=ch');
  expect(body).toMatchObject({ total: 1, channels: [{ channel: 'chat', rule: 2, sessions: 2 }] });
  expect((await server.admin('GET', '/apps/shop/channels?prefix=x')).body.total).toBe(0);
});

test('refusals of clients are counted within a second or two, by principal and rule', async () => {
  const ada = await join('ada');
  ada.socket.send(JSON.stringify({ action: 'message', options: { channel: 'news' }, payload: 1 }));
  await ada.next('error');
  await expect
    .poll(async () => (await server.admin('GET', '/apps/shop/denials')).body.denials, { timeout: 5_000 })
    .toMatchObject([{ principal: 'user:ada', count: 1 }]);
});
