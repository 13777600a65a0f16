import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { GrantHouse, KEYS } from '../pubnub/grant-house.fixture.ts';
import type { VendorUser } from '../pubnub/vendor-client.fixture.ts';
import { itemsOf, NativeClient, type Said } from '../support/native-client.ts';
import { type Frame, RawClient } from '../support/raw-client.ts';
import { HASH } from '../support/server.ts';

/** One app, one channel, three doors: native clients share their rooms with those of Xano's and PubNub's wires. */
let house: GrantHouse;
let rooms = 0;
const sockets: { destroy(): void }[] = [];

beforeAll(async () => {
  house = await GrantHouse.open(
    '{ rules: on, grants: off, explainToClients: full }',
    `[ { target: "hall/*", nested: true, anonymousClients: true, presence: true, publicMessaging: true,
        authenticatedMessaging: true, privateMessaging: true, history: 100 } ]`,
  );
});
afterAll(() => house?.close());
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  house.sendAllAway();
});

const fresh = (): string => `hall/${++rooms}`;
const tokenOf = (user: string): Promise<string> => house.server.tokenFor(user, { table: 7, row: user });

async function native(user?: string): Promise<NativeClient> {
  const proof = user === undefined ? {} : { token: await tokenOf(user) };
  const client = await NativeClient.open({ port: house.server.port, key: KEYS.subscribe, ...proof });
  sockets.push(client);
  return client;
}
async function xano(user?: string): Promise<RawClient> {
  const proof = user === undefined ? {} : { token: await tokenOf(user) };
  const client = await RawClient.open({ port: house.server.port, hash: HASH, ...proof });
  sockets.push(client);
  return client;
}
const pubnub = async (user: string): Promise<VendorUser> => house.listener(user, await tokenOf(user));

const isMessage =
  (payload: unknown) =>
  (frame: Frame): boolean =>
    frame.action === 'message' && frame.payload === payload;
const xanoHeard = (client: RawClient) =>
  client.frames.filter(({ action }) => action === 'message').map(({ payload }) => payload);
const pubnubHeard = (user: VendorUser) => user.of('message').map(({ message }) => message);
const nativeHeard = (client: NativeClient) => client.heard.map(({ data }) => data);
const isPresence = (action: string, user: string) => (said: Said) =>
  said.type === 'presence' && said.action === action && (said.member as { user?: string }).user === user;

describe('native, Xano and PubNub clients in one room', () => {
  it('hear each other, in the same order', async () => {
    const room = fresh();
    const [ann, xan, pub] = [await native('ann'), await xano('xan'), await pubnub('pub')];
    await ann.join(room);
    await xan.join(room);
    await pub.subscribed({ channels: [room] });
    for (let n = 0; n < 12; n += 3) {
      const { timetoken } = await ann.publish(room, n);
      expect(await pub.seen('message', { message: n })).toMatchObject({ publisher: 'ann', timetoken });
      xan.message(room, n + 1);
      await xan.until(isMessage(n + 1));
      await pub.client.publish({ channel: room, message: n + 2 });
    }
    await ann.hears(11);
    await xan.until(isMessage(11));
    await pub.seen('message', { message: 11 });
    const all = Array.from({ length: 12 }, (_, n) => n);
    expect([nativeHeard(ann), xanoHeard(xan), pubnubHeard(pub)]).toEqual([all, all, all]);
    expect(ann.heard.map(({ from }) => from?.user)).toEqual(all.map((n) => ['ann', 'xan', 'pub'][n % 3]));
    const offsets = ann.heard.map(({ offset }) => offset ?? 0);
    expect(offsets).toEqual(offsets.map((_, at) => (offsets[0] ?? 0) + at));
    await pub.client.signal({ channel: room, message: 'typing' });
    await ann.hears('typing');
    expect(ann.heard.at(-1)).toMatchObject({ kind: 'signal', data: 'typing' });
    await house.server.must('POST', '/apps/test/events', { channel: room, data: 'from the backend' });
    await ann.hears('from the backend');
    expect(ann.heard.at(-1)).toMatchObject({ kind: 'event' });
    expect(ann.heard.at(-1)).not.toHaveProperty('from');
  });

  it('see each other come and go, and what they say of themselves', async () => {
    const room = fresh();
    const [ann, xan, pub] = [await native('ann'), await xano('xan'), await pubnub('pub')];
    await ann.join(room, { presence: true });
    await xan.join(room, { presence: true });
    await ann.until(isPresence('join', 'xan'));
    await pub.subscribed({ channels: [room], withPresence: true });
    await ann.until(isPresence('join', 'pub'));
    const late = await native('late');
    await late.join(room, { presence: true, state: { mood: 'new' } });
    await pub.seen('presence', { action: 'join', uuid: 'late' });
    await xan.until(({ action, payload }) => {
      const { presence } = (payload ?? {}) as { presence?: { permissions?: { row_id: string } } };
      return action === 'presence_update' && presence?.permissions?.row_id === 'late';
    });
    const roster = await late.until(({ type }) => type === 'roster');
    expect((roster.members as { user: string }[]).map(({ user }) => user).toSorted()).toEqual([
      'ann',
      'late',
      'pub',
      'xan',
    ]);
    const { channels } = await pub.client.hereNow({ channels: [room], includeState: true });
    expect(channels[room]?.occupants.find(({ uuid }) => uuid === 'late')?.state).toEqual({ mood: 'new' });
    await late.asked({ type: 'state', channel: room, state: { mood: 'old' } });
    await pub.seen('presence', { action: 'state-change', uuid: 'late' });
    expect(await ann.until(isPresence('state', 'late'))).toMatchObject({ member: { state: { mood: 'old' } } });
    await pub.client.setState({ channels: [room], state: { from: 'pubnub' } });
    expect(await ann.until(isPresence('state', 'pub'))).toMatchObject({ member: { state: { from: 'pubnub' } } });
    late.destroy();
    await pub.seen('presence', { action: 'leave', uuid: 'late' });
    pub.client.unsubscribe({ channels: [room] });
    await ann.until(isPresence('leave', 'pub'));
  });

  it('keep what is for the authenticated from the anonymous, on every door', async () => {
    const room = fresh();
    const [ann, guest] = [await native('ann'), await native()];
    const [xan, xanGuest] = [await xano('xan'), await xano()];
    const pub = await pubnub('pub');
    for (const client of [ann, guest, xan, xanGuest]) await client.join(room);
    await pub.subscribed({ channels: [room] });
    await ann.publish(room, 'members', { to: 'authenticated' });
    xan.message(room, 'members too', { authenticated: true });
    await xan.until(isMessage('members too'));
    await ann.publish(room, 'all');
    await guest.hears('all');
    await xanGuest.until(isMessage('all'));
    await pub.seen('message', { message: 'all' });
    expect([nativeHeard(guest), xanoHeard(xanGuest)]).toEqual([['all'], ['all']]);
    expect([nativeHeard(ann), xanoHeard(xan), pubnubHeard(pub)]).toEqual(
      Array.from({ length: 3 }, () => ['members', 'members too', 'all']),
    );
    const page = await guest.asked({ type: 'history', channel: room });
    expect(itemsOf(page).map(({ data }) => data)).toEqual(['all']);
  });

  it('talk in private across doors, where the other end holds a connection', async () => {
    const room = fresh();
    const [ann, xan, other] = [await native('ann'), await xano('xan'), await native('other')];
    const pub = await pubnub('pub');
    await ann.join(room, { presence: true });
    await other.join(room);
    const xanSession = (await xan.join(room)).client?.socketId ?? '';
    await pub.subscribed({ channels: [room] });
    expect((await ann.publish(room, 'to xan', { to: { session: xanSession } })).type).toBe('published');
    await xan.until(isMessage('to xan'));
    xan.message(room, 'to ann', { socketId: ann.session });
    await ann.hears('to ann');
    expect(ann.heard.at(-1)).toMatchObject({ to: 'you', from: { user: 'xan' } });
    await ann.publish(room, 'to all of xan', { to: { user: 'xan' } });
    await xan.until(isMessage('to all of xan'));
    const joined = await ann.until(isPresence('join', 'pub'));
    const { session } = joined.member as { session: string };
    expect((await ann.publish(room, 'psst', { to: { session } })).code).toBe('channel.peer-not-present');
    await ann.publish(room, 'aloud');
    await other.hears('aloud');
    await pub.seen('message', { message: 'aloud' });
    expect([nativeHeard(other), pubnubHeard(pub)]).toEqual([['aloud'], ['aloud']]);
    const pair = await ann.asked({ type: 'history', channel: room, with: { user: 'xan' } });
    expect(itemsOf(pair).map(({ data }) => data)).toEqual(['to xan', 'to ann', 'to all of xan']);
  });
});

it('an event stream and a publish by HTTP are in the same room', async () => {
  const room = fresh();
  const [ann, xan] = [await native('ann'), await xano('xan')];
  await ann.join(room);
  await xan.join(room);
  const token = await tokenOf('web');
  const { url } = house.server;
  const stream = await fetch(`${url}/v1/stream?key=${KEYS.subscribe}&channel=${encodeURIComponent(room)}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const reader = stream.body?.getReader();
  const answer = await fetch(`${url}/v1/publish?key=${KEYS.subscribe}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ channel: room, data: 'by HTTP' }),
  });
  expect(await answer.json()).toMatchObject({ position: { offset: 1 } });
  await ann.hears('by HTTP');
  expect(ann.heard.at(-1)?.from).toEqual({ user: 'web' });
  await xan.until(isMessage('by HTTP'));
  xan.message(room, 'by Xano');
  let text = '';
  while (!text.includes('by Xano')) text += Buffer.from((await reader?.read())?.value ?? []).toString();
  expect(text.indexOf('by HTTP')).toBeLessThan(text.indexOf('by Xano'));
  await reader?.cancel();
});
