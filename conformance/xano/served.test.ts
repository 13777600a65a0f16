import { loadText, type Running, serve } from '@portcullis/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pause, SdkUser, until } from './sdk-user.fixture.ts';

const ADMIN_TOKEN = 'admin-token-of-the-xano-tests-0123456789';
const HASH = 'shop-hash_0123456789-abcdef';
const CONFIG = (port: number) => `
server: { host: 127.0.0.1, port: ${port}, adminToken: ${ADMIN_TOKEN}, log: error, drainTimeout: 300ms }
data: ":memory:"
apps:
  - id: shop
    connectionHash: ${HASH}
    access: { rules: on, grants: off }
    identity: { jwt: [ { alg: HS256, secret: jwt-secret-of-the-xano-tests-0123456789 } ] }
    channels:
      - { target: room, anonymousClients: true, presence: true, publicMessaging: { authenticatedOnly: true } }
`;

let running: Running;
let port: number;
const met: SdkUser[] = [];

async function start(at: number): Promise<void> {
  const loaded = loadText({ text: CONFIG(at), env: {}, flags: {} });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const io = { onHangup: () => () => {}, onFault: () => () => {}, logTo: { write: () => {} } };
  running = await serve({ config: loaded.config, reload: () => loaded, io });
  port = Number(new URL(running.url).port);
}
beforeEach(() => start(0));
afterEach(async () => {
  for (const one of met.splice(0)) one.leaveForGood();
  await running.stop();
});

function meet(token?: string, hash = HASH): SdkUser {
  const one = new SdkUser(port, hash, token);
  met.push(one);
  return one;
}

async function admin(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${running.adminUrl}/admin/v1/apps/shop/${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  const text = await response.text();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

async function tokenFor(user: string, more: object = {}): Promise<string> {
  const { token } = await admin('POST', 'tokens', { user, ttl: '10m', ...more });
  return String(token);
}

describe('the whole server', () => {
  it('knows a signed-in client by its token, and shows its extras', async () => {
    const ada = await meet(await tokenFor('ada', { table: 7, row: 42, extras: { name: 'Ada' } })).join('room', {
      presence: true,
    });
    const anon = await meet().join('room', { presence: true });
    ada.channel.message('hi');
    expect((await anon.next('message')).client).toEqual({
      socketId: ada.socketId,
      extras: { name: 'Ada' },
      permissions: { dbo_id: 7, row_id: 42 },
    });
    anon.channel.message('no');
    expect((await anon.nextError()).payload.code).toBe('channel.public-messaging-authenticated-only');
  });

  it.each([
    ['no token at all', 'not-a-token', 'identity.malformed'],
    ['alg none', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEiLCJleHAiOjQxMDI0NDQ4MDB9.', 'identity.'],
  ])('leaves a client with %s connected, without a name, and tells it', async (_, token, code) => {
    const room = await meet(token).join('room');
    expect(room.of('join')[0]?.client?.permissions).toEqual({ dbo_id: 0, row_id: 0 });
    expect(room.errors).toHaveLength(1);
    expect(room.errors[0]?.payload.code).toContain(code);
  });

  it('tells a wrong hash once', async () => {
    const lost = meet(undefined, 'wrong');
    const room = await lost.channel('room');
    expect((await room.nextError()).payload.code).toBe('app.unknown-key');
    await pause(1_300);
    expect(lost.sockets).toHaveLength(1);
    expect(lost.socket.closedWith).toBe(4404);
  });

  it('ends a session at the expiry of its token, with the reason, for good', async () => {
    const ada = meet(await tokenFor('ada', { ttl: '1s' }));
    const room = await ada.join('room');
    await until(() => ada.socket.closedWith !== undefined, 'it is closed', 10_000);
    expect(ada.socket.closedWith).toBe(4401);
    expect(room.errors.map(({ payload }) => payload.code)).toEqual(['identity.expired']);
  });

  it('cuts a session that an operator ends', async () => {
    const ada = meet(await tokenFor('ada'));
    const room = await ada.join('room');
    await admin('DELETE', `sessions/${room.socketId}`);
    await until(() => ada.socket.closedWith !== undefined, 'it is closed');
    expect(ada.socket.closedWith).toBe(4403);
    // The default hold is a short ban, and may be what ends it.
    expect(room.errors).toHaveLength(1);
    expect(room.errors[0]?.payload.code).toMatch(/^(session\.kicked|identity\.held-off)$/);
  });

  it('hands a server event to everyone', async () => {
    const room = await meet().join('room');
    await admin('POST', 'events', { channel: 'room', data: { price: 12 } });
    expect((await room.next('event')).payload).toEqual({ data: { price: 12 }, dbo_id: 0, row_id: 0 });
  });

  it('brings its clients back after a restart', async () => {
    const ada = meet(await tokenFor('ada'));
    const room = await ada.join('room');
    await running.stop();
    await until(() => ada.socket.closedWith !== undefined, 'it is closed');
    expect(ada.socket.closedWith).toBe(1012);
    await start(port);
    await room.next('join', 2);
    expect(room.errors).toEqual([]);
  });
});
