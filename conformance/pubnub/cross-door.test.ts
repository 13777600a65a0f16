import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Frame, RawClient } from '../support/raw-client.ts';
import { HASH } from '../support/server.ts';
import { GrantHouse, KEYS, outcome } from './grant-house.fixture.ts';
import type { VendorUser } from './vendor-client.fixture.ts';

/** One app, one channel, two doors: clients of Xano's wire and of PubNub's are in the same room. */
let house: GrantHouse;
let rooms = 0;
const sockets: RawClient[] = [];

beforeAll(async () => {
  house = await GrantHouse.open(
    '{ rules: on, grants: off, explainToClients: full }',
    `[ { target: "hall/*", nested: true, anonymousClients: true, presence: true, publicMessaging: true,
        authenticatedMessaging: true, privateMessaging: true, history: 100 },
      { target: "members/*", nested: true, presence: true, authenticatedMessaging: true, history: 100 } ]`,
  );
});
afterAll(() => house?.close());
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  house.sendAllAway();
});

const fresh = (place = 'hall'): string => `${place}/${++rooms}`;

async function xano(user?: string): Promise<RawClient> {
  const proof = user === undefined ? {} : { token: await house.server.tokenFor(user, { table: 7, row: user }) };
  const socket = await RawClient.open({ port: house.server.port, hash: HASH, ...proof });
  sockets.push(socket);
  return socket;
}

/** Somebody of whom a JWT of the app proves who it is. */
async function proven(user: string, options: object = {}): Promise<VendorUser> {
  return house.listener(user, await house.server.tokenFor(user, { table: 7, row: user }), options);
}

const stated = (user: string): VendorUser => house.listener(user, undefined);

const said = (socket: RawClient): unknown[] =>
  socket.frames.filter(({ action }) => action === 'message').map(({ payload }) => payload);
const heard = (user: VendorUser): unknown[] => user.of('message').map(({ message }) => message);
const isMessage =
  (payload: unknown) =>
  (frame: Frame): boolean =>
    frame.action === 'message' && frame.payload === payload;
const isPresence = (action: string, row: string) => (frame: Frame) => {
  if (frame.action !== 'presence_update') return false;
  const { payload } = frame as { payload: { action: string; presence: { permissions: { row_id: unknown } } } };
  return payload.action === action && payload.presence.permissions.row_id === row;
};

describe.each([
  ['the event engine', {}],
  ['the legacy manager', { enableEventEngine: false }],
])('a Xano client and a PubNub client with %s', (_, options) => {
  it('hear each other, in the same order', async () => {
    const room = fresh();
    const ada = await xano('ada');
    await ada.join(room);
    const bo = await proven('bo', options);
    await bo.subscribed({ channels: [room] });
    ada.message(room, { from: 'xano', text: 'grüße' });
    expect(await bo.seen('message', { channel: room })).toMatchObject({
      message: { from: 'xano', text: 'grüße' },
      publisher: 'ada',
    });
    const { timetoken } = await bo.client.publish({ channel: room, message: 'from pubnub' });
    expect(await ada.until(isMessage('from pubnub'))).toMatchObject({
      client: { permissions: { dbo_id: 7, row_id: 'bo' } },
      options: { channel: room, timetoken },
    });
    for (let n = 0; n < 10; n++) {
      if (n % 2 === 0) ada.message(room, n);
      else await bo.client.publish({ channel: room, message: n });
    }
    await ada.until(isMessage(9));
    await ada.until(isMessage(8));
    await bo.seen('message', { message: 9 });
    await bo.seen('message', { message: 8 });
    expect(heard(bo)).toEqual(said(ada));
    await bo.client.signal({ channel: room, message: 'typing' });
    await ada.until(isMessage('typing'));
  });

  it('see each other come and go', async () => {
    const room = fresh();
    const ada = await xano('ada');
    await ada.join(room, { presence: true });
    const bo = await proven('bo', options);
    await bo.subscribed({ channels: [room], withPresence: true });
    await ada.until(isPresence('join', 'bo'));
    const cy = await xano('cy');
    await cy.join(room);
    expect(await bo.seen('presence', { action: 'join', uuid: 'cy' })).toMatchObject({ channel: room, occupancy: 3 });
    const { channels } = await bo.client.hereNow({ channels: [room] });
    expect(channels[room]?.occupants.map(({ uuid }) => uuid).toSorted()).toEqual(['ada', 'bo', 'cy']);
    expect((await bo.client.whereNow({ uuid: 'ada' })).channels).toEqual([room]);
    cy.destroy();
    await bo.seen('presence', { action: 'leave', uuid: 'cy' });
    bo.client.unsubscribe({ channels: [room] });
    await ada.until(isPresence('leave', 'bo'));
  });

  it('both hear a server event, and each only what is for them', async () => {
    const room = fresh();
    const ada = await xano('ada');
    await ada.join(room);
    const bo = await proven('bo', options);
    await bo.subscribed({ channels: [room] });
    const guest = stated('guest');
    await guest.subscribed({ channels: [room] });
    const event = (data: unknown, to: object = {}) =>
      house.server.must('POST', '/apps/test/events', { channel: room, data, ...to });
    await event('for bo', { user: 'bo' });
    await event('for the table', { table: 7 });
    await event({ order: 7 });
    await event('for all');
    const isEvent = (data: unknown) => (frame: Frame) =>
      frame.action === 'event' && (frame.payload as { data?: unknown }).data === data;
    await ada.until(isEvent('for all'));
    expect(await bo.seen('message', { message: 'for all' })).toMatchObject({ publisher: 'server' });
    await guest.seen('message', { message: 'for all' });
    expect(heard(bo)).toEqual(['for bo', 'for the table', { order: 7 }, 'for all']);
    expect(heard(guest)).toEqual([{ order: 7 }, 'for all']);
    const events = ada.frames.filter(({ action }) => action === 'event');
    expect(events.map(({ payload }) => (payload as { data: unknown }).data)).toEqual([
      'for the table',
      { order: 7 },
      'for all',
    ]);
  });
});

describe('a message to the authenticated', () => {
  it('reaches those PubNub users who are proven, live and in history, and no other', async () => {
    const room = fresh();
    const ada = await xano('ada');
    await ada.join(room);
    const bo = await proven('bo');
    await bo.subscribed({ channels: [room] });
    // One who states the name of a proven user has no more of a proof than one who states another.
    const others = [stated('guest'), stated('bo')];
    for (const other of others) await other.subscribed({ channels: [room] });
    ada.message(room, 'for members', { authenticated: true });
    ada.message(room, 'for all');
    await bo.seen('message', { message: 'for all' });
    expect(heard(bo)).toEqual(['for members', 'for all']);
    for (const other of others) {
      await other.seen('message', { message: 'for all' });
      expect(heard(other)).toEqual(['for all']);
      const stored = await other.client.fetchMessages({ channels: [room] });
      expect(Object.values(stored.channels).flat()).toMatchObject([{ message: 'for all' }]);
    }
    const stored = await bo.client.fetchMessages({ channels: [room] });
    expect(Object.values(stored.channels).flat()).toMatchObject([{ message: 'for members' }, { message: 'for all' }]);
  });

  it('is what a PubNub publish is where only that is allowed', async () => {
    const room = fresh('members');
    const ada = await xano('ada');
    await ada.join(room);
    const bo = await proven('bo');
    await bo.subscribed({ channels: [room] });
    await bo.client.publish({ channel: room, message: 'among us' });
    expect((await ada.until(isMessage('among us'))).options).toMatchObject({ authenticated: true });
    expect(await outcome(stated('guest').client.publish({ channel: room, message: 'me too' }))).toMatchObject({
      category: 'PNAccessDeniedCategory',
      code: 'channel.anonymous-not-allowed',
    });
    expect((await (await xano()).join(room)).payload).toMatchObject({ code: 'channel.anonymous-not-allowed' });
  });
});

describe('a private message', () => {
  it('never reaches PubNub, not even the same user, live or in history', async () => {
    const room = fresh();
    const [ada, bo] = [await xano('ada'), await xano('bo')];
    await ada.join(room);
    const peer = (await bo.join(room)).client?.socketId;
    const sameBo = await proven('bo');
    await sameBo.subscribed({ channels: [room] });
    const backend = house.listener('backend', undefined, { secretKey: KEYS.secret });
    await backend.subscribed({ channels: [room] });
    ada.message(room, 'psst', { socketId: peer });
    await bo.until(isMessage('psst'));
    ada.message(room, 'aloud');
    for (const one of [sameBo, backend]) {
      await one.seen('message', { message: 'aloud' });
      expect(heard(one)).toEqual(['aloud']);
    }
    const stored = await backend.client.fetchMessages({ channels: [room] });
    expect(Object.values(stored.channels).flat()).toMatchObject([{ message: 'aloud' }]);
  });

  it('cannot be sent to a PubNub session', async () => {
    const room = fresh();
    const ada = await xano('ada');
    await ada.join(room, { presence: true });
    const bo = await proven('bo');
    await bo.subscribed({ channels: [room] });
    const update = await ada.until(isPresence('join', 'bo'));
    const { socketId } = (update as { payload: { presence: { socketId: string } } }).payload.presence;
    ada.message(room, 'psst', { socketId });
    const refused = await ada.until(({ action }) => action === 'error');
    expect(refused.payload).toMatchObject({ code: 'channel.peer-not-present' });
    ada.message(room, 'aloud');
    await bo.seen('message', { message: 'aloud' });
    expect(heard(bo)).toEqual(['aloud']);
  });
});

describe('history', () => {
  it('that is written on one door is read on the other', async () => {
    const room = fresh();
    const ada = await xano('ada');
    await ada.join(room);
    const bo = await proven('bo');
    ada.message(room, { n: 1 });
    await ada.until(({ action }) => action === 'message');
    await bo.client.publish({ channel: room, message: { n: 2 } });
    await house.server.must('POST', '/apps/test/events', { channel: room, data: { n: 3 } });
    await bo.client.publish({ channel: room, message: { n: 0 }, storeInHistory: false });
    const stored = await bo.client.fetchMessages({ channels: [room] });
    expect(Object.values(stored.channels).flat()).toMatchObject([
      { message: { n: 1 }, uuid: 'ada' },
      { message: { n: 2 }, uuid: 'bo' },
      { message: { n: 3 }, uuid: 'server' },
    ]);
    const late = await xano('cy');
    await late.join(room, { history: true });
    const { payload } = await late.until(({ action }) => action === 'history');
    const { history } = payload as { readonly history: readonly Frame[] };
    expect(history).toMatchObject([
      { action: 'message', payload: { n: 1 }, client: { permissions: { row_id: 'ada' } } },
      { action: 'message', payload: { n: 2 }, client: { permissions: { row_id: 'bo' } } },
      { action: 'event', payload: { data: { n: 3 } } },
    ]);
  });
});
