import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RunningServer } from '../support/server.ts';
import { failure, VendorUser } from './vendor-client.fixture.ts';

const KEYS = {
  publishKey: 'pub-conformance',
  subscribeKey: 'sub-conformance',
};
const SECRET = 'sec-conformance-0123456789abcdef0123456789';

const APP = `  - id: pn
    keys: { publish: ${KEYS.publishKey}, subscribe: ${KEYS.subscribeKey}, secret: ${SECRET} }
    access: { rules: on, grants: off, explainToClients: full }
    presence: { announceMax: 3 }
    pubnub: { presenceInterval: 1s, presenceDeltas: on }
    channels:
      - { target: open.*, nested: true, anonymousClients: true, presence: true, publicMessaging: true }
      - { target: crowd, anonymousClients: true, presence: true, publicMessaging: true }
`;

let server: RunningServer;
const users: VendorUser[] = [];
let names = 0;

beforeAll(async () => {
  server = await RunningServer.start({ app: APP });
});
afterAll(() => server.stop());
afterEach(() => {
  for (const { client } of users.splice(0)) {
    client.unsubscribeAll();
    client.destroy();
  }
});

function user(userId: string, options: object = {}): VendorUser {
  const created = new VendorUser(server.port, { ...KEYS, userId, ...options });
  users.push(created);
  return created;
}

/** A channel of this test alone. */
const fresh = (): string => `open.c${++names}`;

describe.each([
  ['the event engine', {}],
  ['the legacy manager', { enableEventEngine: false }],
])('with %s', (_, options) => {
  it('messages arrive with their sender, meta and type', async () => {
    const channel = fresh();
    const reader = user('reader', options);
    await reader.subscribed({ channels: [channel] });
    const { timetoken } = await user('writer', options).client.publish({
      channel,
      message: { text: 'grüße / ?&' },
      meta: { lang: 'de' },
      customMessageType: 'greeting',
    });
    const event = await reader.seen('message', { channel });
    expect(event).toMatchObject({
      message: { text: 'grüße / ?&' },
      publisher: 'writer',
      timetoken,
      userMetadata: { lang: 'de' },
      customMessageType: 'greeting',
    });
  });

  it('a stream of messages arrives whole, once and in order', async () => {
    const channel = fresh();
    const reader = user('reader', options);
    const writer = user('writer', options);
    await reader.subscribed({ channels: [channel] });
    for (let n = 1; n <= 50; n++) await writer.client.publish({ channel, message: n, sendByPost: n % 2 === 1 });
    await reader.seen('message', { message: 50 });
    expect(reader.of('message').map(({ message }) => message)).toEqual(
      Array.from({ length: 50 }, (_unused, n) => n + 1),
    );
  });

  it('signals arrive as such, and fires do not', async () => {
    const channel = fresh();
    const reader = user('reader', options);
    const writer = user('writer', options);
    await reader.subscribed({ channels: [channel] });
    await writer.client.fire({ channel, message: 'for triggers' });
    await writer.client.signal({ channel, message: 'typing' });
    expect(await reader.seen('signal', { channel })).toMatchObject({ message: 'typing', publisher: 'writer' });
    expect(reader.of('message')).toEqual([]);
    expect(await failure(writer.client.signal({ channel, message: 'x'.repeat(80) }))).toMatchObject({
      category: 'PNBadRequestCategory',
      statusCode: 400,
    });
  });

  it('presence tells of joins, states and leaves, and here-now and where-now agree', async () => {
    const channel = fresh();
    const watcher = user('watcher', options);
    await watcher.subscribed({ channels: [channel], withPresence: true });
    const guest = user('guest', options);
    await guest.subscribed({ channels: [channel] });
    expect(await watcher.seen('presence', { action: 'join', uuid: 'guest' })).toMatchObject({ channel, occupancy: 2 });
    await guest.client.setState({ channels: [channel], state: { mood: 'ok' } });
    expect(await watcher.seen('presence', { action: 'state-change' })).toMatchObject({
      uuid: 'guest',
      state: { mood: 'ok' },
    });
    expect(await guest.client.getState({ channels: [channel], uuid: 'guest' })).toMatchObject({
      channels: { [channel]: { mood: 'ok' } },
    });
    const here = await guest.client.hereNow({ channels: [channel], includeState: true });
    expect(here.channels[channel]?.occupants).toMatchObject([
      { uuid: 'watcher' },
      { uuid: 'guest', state: { mood: 'ok' } },
    ]);
    expect((await guest.client.whereNow({ uuid: 'guest' })).channels).toEqual([channel]);
    const others = await guest.client.hereNow({ channels: [channel, 'open.nobody'], includeUUIDs: false });
    expect(others.totalOccupancy).toBe(2);
    guest.client.unsubscribe({ channels: [channel] });
    expect(await watcher.seen('presence', { action: 'leave' })).toMatchObject({ uuid: 'guest', occupancy: 1 });
  });

  it('wildcards and groups bring their channels, and follow the group', async () => {
    const [one, two] = [`open.w${++names}.a`, `open.g${++names}`];
    const group = `group${++names}`;
    const { channelGroups } = user('server', { secretKey: SECRET }).client;
    await channelGroups.addChannels({ channelGroup: group, channels: [one] });
    expect(await channelGroups.listChannels({ channelGroup: group })).toMatchObject({ channels: [one] });
    const reader = user('reader', options);
    await reader.subscribed({ channels: [`${one.slice(0, -1)}*`], channelGroups: [group] });
    const writer = user('writer', options);
    await writer.client.publish({ channel: one, message: 'to both' });
    await reader.seen('message', { subscription: `${one.slice(0, -1)}*` });
    await reader.seen('message', { subscription: group });
    await channelGroups.addChannels({ channelGroup: group, channels: [two] });
    await writer.client.publish({ channel: two, message: 'to the group' });
    expect(await reader.seen('message', { channel: two })).toMatchObject({ subscription: group });
    await channelGroups.removeChannels({ channelGroup: group, channels: [two] });
    expect(await channelGroups.listGroups()).toMatchObject({ groups: expect.arrayContaining([group]) });
    await channelGroups.deleteGroup({ channelGroup: group });
    expect(await channelGroups.listGroups()).not.toMatchObject({ groups: expect.arrayContaining([group]) });
  });

  it('filters hold back what does not match', async () => {
    const channel = fresh();
    const reader = user('reader', { ...options, filterExpression: "lang == 'en' && data.n > 1" });
    await reader.subscribed({ channels: [channel] });
    const writer = user('writer', options);
    await writer.client.publish({ channel, message: { n: 2 } });
    await writer.client.publish({ channel, message: { n: 1 }, meta: { lang: 'en' } });
    await writer.client.publish({ channel, message: { n: 2 }, meta: { lang: 'en' } });
    await reader.seen('message', { channel });
    expect(reader.of('message').map(({ userMetadata, message }) => [userMetadata, message])).toEqual([
      [{ lang: 'en' }, { n: 2 }],
    ]);
  });

  it('server events are messages of the server', async () => {
    const channel = fresh();
    const reader = user('reader', options);
    await reader.subscribed({ channels: [channel] });
    await server.must('POST', '/apps/pn/events', { channel, data: { order: 7 } });
    expect(await reader.seen('message', { channel })).toMatchObject({ message: { order: 7 }, publisher: 'server' });
  });

  it('what is not allowed is refused with the vendor’s status, also while a poll hangs', async () => {
    const outsider = user('outsider', options);
    const status = await failure(outsider.client.publish({ channel: 'closed', message: 1 }));
    expect(status).toMatchObject({ category: 'PNAccessDeniedCategory', statusCode: 403 });
    expect(status.errorData).toMatchObject({ payload: { channels: ['closed'] }, code: 'channel.no-rule' });
    outsider.client.subscribe({ channels: ['closed'] });
    const refused = await outsider.seen(
      'status',
      'enableEventEngine' in options ? DENIED : { category: 'PNConnectionErrorCategory' },
    );
    expect(refused).toMatchObject('enableEventEngine' in options ? {} : { error: 'PNAccessDeniedCategory' });

    const target = `brief${++names}`;
    const rule = await server.must('POST', '/apps/pn/rules', { target, anonymousClients: true });
    const reader = user('reader', options);
    await reader.subscribed({ channels: [target] });
    await server.must('DELETE', `/apps/pn/rules/${rule.id}`);
    const lost = await reader.seen(
      'status',
      'enableEventEngine' in options ? DENIED : { category: 'PNDisconnectedUnexpectedlyCategory' },
    );
    expect(lost).toMatchObject('enableEventEngine' in options ? {} : { error: 'PNAccessDeniedCategory' });
  });
});

const DENIED = { category: 'PNAccessDeniedCategory' };

describe('a backend with the secret key', () => {
  it('goes by its own user id, and may do what no rule allows', async () => {
    const reader = user('reader');
    const channel = fresh();
    await reader.subscribed({ channels: [channel], withPresence: true });
    const bot = user('bot', { secretKey: SECRET });
    await bot.subscribed({ channels: [channel, 'without.rule'] });
    expect(await reader.seen('presence', { action: 'join', uuid: 'bot' })).toMatchObject({ channel });
    for (const sendByPost of [false, true]) await bot.client.publish({ channel, message: { sendByPost }, sendByPost });
    expect(await reader.seen('message', { channel })).toMatchObject({
      publisher: 'bot',
      message: { sendByPost: false },
    });
    await bot.client.publish({ channel: 'without.rule', message: 'heard' });
    await bot.seen('message', { channel: 'without.rule' });
    expect((await bot.client.hereNow({})).channels).toMatchObject({ [channel]: { occupancy: 2 } });
  });
});

describe('a crowded channel', () => {
  it('tells counts and deltas', async () => {
    const watcher = user('watcher');
    await watcher.subscribed({ channels: ['crowd-pnpres'] });
    for (const id of ['u1', 'u2', 'u3', 'u4', 'u5']) await user(id).subscribed({ channels: ['crowd'] });
    const event = await watcher.seen('presence', { action: 'interval' });
    expect(event).toMatchObject({ channel: 'crowd', hereNowRefresh: false });
    expect(event.occupancy).toBeGreaterThan(3);
    expect(watcher.of('presence').filter(({ action }) => action === 'join')).toHaveLength(3);
  });
});

describe('time', () => {
  it('is the server’s', async () => {
    const { timetoken } = await user('any').client.time();
    expect(Math.abs(Number(timetoken) / 10_000 - Date.now())).toBeLessThan(10_000);
  });
});
