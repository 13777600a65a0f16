import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@portcullis/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { failure, VendorUser } from '../pubnub/vendor-client.fixture.ts';
import { HASH, RunningServer } from '../support/server.ts';
import { type Listening, SdkUser, until } from '../xano/sdk-user.fixture.ts';

const ROOM = 'chatroom/1';
const folder = mkdtempSync(join(tmpdir(), 'portcullis-trigger-functions-'));
writeFileSync(
  join(folder, 'xano.ts'),
  `export default ({ action, channel, principal, payload, options }) => {
     if (action === 'join') return principal.user !== 'mallory' && null;
     if (payload?.text === 'block') return false;
     if (payload?.text === 'throw') throw new Error('precondition');
     return { ...payload, text: payload.text.toUpperCase(), kind: options.kind, to: options.to };
   };`,
);

let server: RunningServer;
const leaving: (() => void)[] = [];

beforeAll(async () => {
  server = await RunningServer.start({
    access: '{ rules: on, grants: off, explainToClients: full }',
    app: `    keys: { publish: pub-test, subscribe: sub-test, secret: conformance-app-secret-0123456789abcdef }
    functions: { folder: "${folder}" }
    channels:
      - { target: chatroom/*, nested: true, anonymousClients: true, presence: true, publicMessaging: true, authenticatedMessaging: true, privateMessaging: true, history: 50 }
    triggers:
      - { channel: chatroom/*, steps: [ { function: xano, returns: xano } ] }
`,
  });
});
afterAll(async () => {
  for (const leave of leaving) leave();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function xano(user?: string): Promise<SdkUser> {
  const sdk = new SdkUser(server.port, HASH, user === undefined ? undefined : await server.tokenFor(user));
  leaving.push(() => sdk.leaveForGood());
  return sdk;
}

async function vendor(user: string): Promise<VendorUser> {
  const one = new VendorUser(server.port, {
    publishKey: 'pub-test',
    subscribeKey: 'sub-test',
    userId: user,
    restore: false,
  });
  one.client.setToken(await server.tokenFor(user));
  leaving.push(() => one.client.destroy(true));
  return one;
}

const texts = (listening: Listening) => listening.payloads().map((payload) => (payload as { text: string }).text);

describe('the SDK of Xano', () => {
  test('is refused a join, hears rewritten messages, and is told what was blocked', async () => {
    const [ada, bo, mallory] = [await xano('ada'), await xano('bo'), await xano('mallory')];
    const [adas, bos] = [await ada.join(ROOM, { presence: true }), await bo.join(ROOM, { presence: true })];
    const refused = await mallory.channel(ROOM);
    expect((await refused.nextError()).payload).toMatchObject({ code: 'trigger.blocked' });
    adas.channel.message({ text: 'hello' });
    expect((await bos.next('message')).payload).toEqual({ text: 'HELLO', kind: 'message', to: 'everyone' });
    adas.channel.message({ text: 'quietly' }, { authenticated: true });
    expect((await bos.next('message', 2)).payload).toMatchObject({ text: 'QUIETLY', to: 'authenticated' });
    await until(() => adas.present().length === 2, 'both are present');
    adas.peer(bos.socketId).message({ text: 'alone' });
    expect((await bos.next('message', 3)).payload).toMatchObject({ text: 'ALONE', to: 'session' });
    for (const [nth, text] of ['block', 'throw'].entries()) {
      adas.channel.message({ text });
      expect((await adas.nextError(nth + 1)).payload).toMatchObject({ code: 'trigger.blocked' });
    }
    expect(texts(bos)).toEqual(['HELLO', 'QUIETLY', 'ALONE']);
  });

  test('gets a server event as it was sent', async () => {
    const ada = await xano();
    const adas = await ada.join(ROOM);
    await server.must('POST', '/apps/test/events', { channel: ROOM, data: { text: 'as it is' } });
    expect((await adas.next('event')).payload).toMatchObject({ data: { text: 'as it is' } });
  });
});

describe('the SDK of PubNub', () => {
  test('publishes and signals through the trigger, and is refused where it says no', async () => {
    const [cy, di, mallory] = [await vendor('cy'), await vendor('di'), await vendor('mallory')];
    await di.subscribed({ channels: [ROOM] });
    await cy.client.publish({ channel: ROOM, message: { text: 'hello' } });
    expect(await di.seen('message', { publisher: 'cy' })).toMatchObject({
      message: { text: 'HELLO', kind: 'message' },
    });
    await cy.client.signal({ channel: ROOM, message: { text: 'wave' } });
    expect(await di.seen('signal', { publisher: 'cy' })).toMatchObject({ message: { text: 'WAVE', kind: 'signal' } });
    await cy.client.fire({ channel: ROOM, message: { text: 'fire' } });
    const blocked = [
      () => cy.client.publish({ channel: ROOM, message: { text: 'block' } }),
      () => cy.client.publish({ channel: ROOM, message: { text: 'throw' } }),
      () => cy.client.signal({ channel: ROOM, message: { text: 'block' } }),
      () => mallory.client.publish({ channel: ROOM, message: { text: 'let me in' } }),
      () => mallory.client.fetchMessages({ channels: [ROOM], count: 10 }),
      () => mallory.client.hereNow({ channels: [ROOM] }),
    ];
    for (const call of blocked) expect((await failure(call())).statusCode).toBe(403);
    mallory.client.subscribe({ channels: [ROOM] });
    await mallory.seen('status', { category: 'PNConnectionErrorCategory' });
    const history = await cy.client.fetchMessages({ channels: [ROOM], count: 100 });
    expect(JSON.stringify(history)).not.toMatch(/block|throw|let me in|"hello"/);
    expect(di.of('message').filter(({ publisher }) => publisher === 'cy')).toHaveLength(1);
  });
});

describe('our own client', () => {
  test('publishes through the trigger, and meets the others behind it', async () => {
    const listening = await (await xano()).join(ROOM);
    const token = await server.tokenFor('ed');
    const client = connect({ url: server.url, key: 'sub-test', getToken: async () => token, WebSocket });
    leaving.push(() => client.close());
    const room = client.channel(ROOM);
    await room.join();
    await room.publish({ text: 'hello' });
    await until(() => texts(listening).includes('HELLO'), 'the message is heard');
    const refused: unknown = await room.publish({ text: 'block' }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'trigger.blocked' });
    const mallory = await server.tokenFor('mallory');
    const other = connect({ url: server.url, key: 'sub-test', getToken: async () => mallory, WebSocket });
    leaving.push(() => other.close());
    const joined: unknown = await other
      .channel(ROOM)
      .join()
      .catch((error: unknown) => error);
    expect(joined).toMatchObject({ code: 'trigger.blocked' });
  });
});
