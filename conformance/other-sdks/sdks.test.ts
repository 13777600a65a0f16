import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { GrantHouse, KEYS } from '../pubnub/grant-house.fixture.ts';
import { Person, type PersonOptions } from './person.fixture.ts';
import { SDKS } from './sdks.fixture.ts';

/** What the vendor's SDKs of other languages make of this server: each as it is published, all asked the same. */
describe.each(SDKS)('the SDK for $name', (sdk) => {
  if (sdk.missing !== null) {
    it('does what it does with the vendor', (context) => context.skip(sdk.missing ?? ''));
    return;
  }

  let house: GrantHouse;
  const people: Person[] = [];
  let rooms = 0;
  const fresh = () => `${sdk.name}-${++rooms}`;

  beforeAll(async () => {
    house = await GrantHouse.open();
  });
  afterAll(() => house?.close());
  afterEach(() => {
    for (const person of people.splice(0)) person.end();
  });

  const person = (user: string, more: Partial<PersonOptions> = {}): Person => {
    const { publish, subscribe } = KEYS;
    const one = new Person(sdk, { port: house.server.port, publish, subscribe, user, ...more });
    people.push(one);
    return one;
  };
  const heard = (one: Person) => one.events.filter(({ event }) => event === 'message');
  const backend = () => person('backend', { secret: KEYS.secret });
  type Granted = Parameters<GrantHouse['mint']>[0];
  const bearer = async (user: string, granted: Granted, more: Partial<PersonOptions> = {}): Promise<Person> => {
    const one = person(user, more);
    await one.call('set_token', { token: house.mint(granted, { user }) });
    return one;
  };

  it('tells the time', async () => {
    expect(await person('ann').call('time')).toMatch(/^\d{17}$/);
  });

  it('grants, reads what it granted, is let in by it, and takes it back', async () => {
    const room = fresh();
    const admin = backend();
    const resources = {
      channels: { [room]: ['read', 'write', 'join'] },
      groups: { g: ['read', 'manage'] },
      uuids: { ann: ['get', 'update'] },
    };
    const patterns = { channels: { [`${room}-.*`]: ['read'] } };
    const token = await admin.call('grant', { ttl: 15, user: 'ann', resources, patterns, meta: { plan: 'gold' } });
    expect(await admin.call('parse', { token })).toMatchObject({
      ttl: 15,
      user: 'ann',
      meta: { plan: 'gold' },
      resources,
      patterns,
    });

    const ann = person('ann');
    expect((await ann.failure('publish', { channel: room, message: 'hi' })).status).toBe(403);
    await ann.call('set_token', { token });
    expect(await ann.call('publish', { channel: room, message: 'hi' })).toMatch(/^\d{17}$/);
    expect((await ann.failure('publish', { channel: `${room}-x`, message: 'hi' })).status).toBe(403);
    expect(await ann.call('get_user', { user: 'ann' }).catch((error) => error.failure.status)).toBe(404);

    await admin.call('revoke', { token });
    const revoked = await ann.failure('publish', { channel: room, message: 'hi' });
    expect(revoked).toMatchObject({ status: 403, text: expect.stringContaining('Token is revoked') });
  });

  it('is granted the same, deletes the same and says the same, several times in one second', async () => {
    const room = fresh();
    const admin = backend();
    const same = { ttl: 15, resources: { channels: { [room]: ['read', 'write'] } } };
    const granted = (await Promise.all([1, 2, 3, 4].map(() => admin.call('grant', same)))) as string[];
    expect(new Set(granted).size).toBe(4);
    for (let times = 0; times < 4; times++) {
      await admin.call('delete_messages', { channel: room });
      await admin.call('publish', { channel: room, message: 'same', post: true });
    }
  });

  it('publishes by GET and by POST, and hears it with all that goes with it', async () => {
    const room = fresh();
    const ann = await bearer('ann', { channels: { [room]: ['read', 'write'] } });
    await ann.subscribed({ channels: [room] });
    const type = sdk.without.includes('message types') ? {} : { type: 'greeting' };
    const messages = ['text', 7, { deep: ['ü', '/?&=+% ', null, true] }, [], 'x'.repeat(2_000)];
    for (const message of messages) {
      for (const post of [false, true]) {
        const before = heard(ann).length;
        const timetoken = await ann.call('publish', { channel: room, message, post, meta: { n: 1 }, ...type });
        const told = await ann.seen({ event: 'message', timetoken });
        expect(told).toMatchObject({ channel: room, user: 'ann', message, meta: { n: 1 }, ...type });
        expect(heard(ann)).toHaveLength(before + 1);
      }
    }
  });

  it('sends signals and fires', async () => {
    const room = fresh();
    const ann = await bearer('ann', { channels: { [room]: ['read', 'write'] } });
    await ann.subscribed({ channels: [room] });
    await ann.call('fire', { channel: room, message: 'for triggers' });
    await ann.call('signal', { channel: room, message: 'typing' });
    await ann.seen({ event: 'signal', channel: room, user: 'ann', message: 'typing' });
    expect(heard(ann)).toEqual([]);
    const tooLong = await ann.failure('signal', { channel: room, message: 'x'.repeat(80) });
    expect(tooLong).toMatchObject({ status: 400, text: expect.stringContaining('Signal size too large') });
  });

  it('sees who comes, goes and says of itself', async () => {
    const room = fresh();
    const ann = await bearer('ann', { channels: { [room]: ['read'], [`${room}-pnpres`]: ['read'] } }, { timeout: 60 });
    await ann.subscribed({ channels: [room], presence: true });
    const bob = await bearer('bob', { channels: { [room]: ['read'] } }, { timeout: 60 });
    await bob.subscribed({ channels: [room] });
    await ann.seen({ event: 'presence', action: 'join', channel: room, user: 'bob', occupancy: 2 });
    expect(await bob.call('set_state', { channels: [room], state: { mood: 'fine' } })).toEqual({ mood: 'fine' });
    await ann.seen({ event: 'presence', action: 'state-change', user: 'bob', state: { mood: 'fine' } });
    expect(await ann.call('get_state', { channels: [room], user: 'bob' })).toEqual({ [room]: { mood: 'fine' } });
    expect(await ann.call('here_now', { channels: [room] })).toEqual({
      occupancy: 2,
      channels: { [room]: { ann: null, bob: { mood: 'fine' } } },
    });
    expect(await ann.call('where_now', { user: 'bob' })).toEqual([room]);
    await bob.call('unsubscribe', { channels: [room] });
    await ann.seen({ event: 'presence', action: 'leave', channel: room, user: 'bob', occupancy: 1 });
  });

  it('hears through groups and wildcards, and what a filter lets through', async () => {
    const room = fresh();
    const admin = backend();
    await admin.call('add_to_group', { group: `${room}-g`, channels: [`${room}.a`, `${room}.b`] });
    expect(await admin.call('list_group', { group: `${room}-g` })).toEqual([`${room}.a`, `${room}.b`]);
    const grouped = await bearer('ann', { groups: { [`${room}-g`]: ['read'] } }, { filter: "kind == 'news'" });
    await grouped.subscribed({ groups: [`${room}-g`] });
    const starred = await bearer('bob', { channels: { [`${room}.*`]: ['read'] } });
    await starred.subscribed({ channels: [`${room}.*`] });
    await admin.call('publish', { channel: `${room}.a`, message: 'dull', meta: { kind: 'chat' } });
    await admin.call('publish', { channel: `${room}.a`, message: 'news', meta: { kind: 'news' } });
    await grouped.seen({ event: 'message', message: 'news', channel: `${room}.a`, subscription: `${room}-g` });
    await starred.seen({ event: 'message', message: 'news', channel: `${room}.a`, subscription: `${room}.*` });
    expect(heard(grouped)).toHaveLength(1);
    await admin.call('remove_from_group', { group: `${room}-g`, channels: [`${room}.a`] });
    expect(await admin.call('list_group', { group: `${room}-g` })).toEqual([`${room}.b`]);
    await admin.call('delete_group', { group: `${room}-g` });
    expect(await admin.call('list_group', { group: `${room}-g` })).toEqual([]);
  });

  it('reads, counts and deletes what is kept', async () => {
    const room = fresh();
    const ann = await bearer('ann', { channels: { [room]: ['read', 'write', 'delete'] } });
    const timetokens: unknown[] = [];
    for (const n of [1, 2, 3]) timetokens.push(await ann.call('publish', { channel: room, message: { n } }));
    await ann.call('publish', { channel: room, message: 'gone', store: false });
    const [first, second, third] = timetokens;
    const items = [1, 2, 3].map((n, at) => ({ message: { n }, timetoken: timetokens[at] }));
    expect(await ann.call('history', { channel: room })).toEqual(items);
    expect(await ann.call('history', { channel: room, count: 2 })).toEqual(items.slice(1));
    expect(await ann.call('history', { channel: room, start: third, end: first })).toEqual(items.slice(0, 2));
    expect(await ann.call('history', { channel: room, reverse: true, count: 1 })).toEqual(items.slice(0, 1));
    expect(await ann.call('fetch', { channels: [room], count: 2 })).toMatchObject({ [room]: items.slice(1) });
    expect(await ann.call('counts', { channels: [room], timetokens: [first] })).toMatchObject({
      [room]: expect.any(Number),
    });
    const deleter = sdk.without.includes('deleting with a token') ? backend() : ann;
    await deleter.call('delete_messages', { channel: room, start: first, end: second });
    expect(await ann.call('history', { channel: room })).toEqual([items[0], items[2]]);
  });

  it('reacts to messages', async () => {
    const room = fresh();
    const ann = await bearer('ann', { channels: { [room]: ['read', 'write', 'delete'] } });
    await ann.subscribed({ channels: [room] });
    const message = await ann.call('publish', { channel: room, message: 'hi' });
    const added = await ann.call('add_action', { channel: room, message, type: 'reaction', value: 'smile' });
    const action = {
      type: 'reaction',
      value: 'smile',
      user: 'ann',
      message,
      timetoken: expect.stringMatching(/^\d{17}$/),
    };
    expect(added).toEqual(action);
    await ann.seen({ event: 'action', type: 'reaction', value: 'smile', user: 'ann', message });
    expect(await ann.call('get_actions', { channel: room })).toEqual([added]);
    expect(await ann.call('fetch', { channels: [room], actions: true })).toMatchObject({
      [room]: [{ message: 'hi', actions: { reaction: { smile: [{ uuid: 'ann' }] } } }],
    });
    await ann.call('remove_action', { channel: room, message, action: (added as { timetoken: string }).timetoken });
    expect(await ann.call('get_actions', { channel: room })).toEqual([]);
  });

  it('keeps and tells what an app writes down about users, channels and memberships', async () => {
    const room = fresh();
    const user = `${room}-ann`;
    const admin = backend();
    const hears = !sdk.without.includes('object events');
    if (hears) await admin.subscribed({ channels: [room, user] });
    const told = async (event: object) => {
      if (hears) await admin.seen({ event: 'object', ...event });
    };
    expect(await admin.call('set_user', { user, name: 'Ann', custom: { age: 7 } })).toMatchObject({
      id: user,
      name: 'Ann',
      custom: { age: 7 },
    });
    await told({ what: 'user', action: 'set', id: user });
    expect(await admin.call('get_user', { user })).toMatchObject({ id: user, name: 'Ann', custom: { age: 7 } });
    expect(await admin.call('list_users', { filter: `id == '${user}'` })).toMatchObject([{ id: user }]);
    expect(await admin.call('set_channel', { channel: room, name: 'Room' })).toMatchObject({ id: room, name: 'Room' });
    await told({ what: 'channel', action: 'set', id: room });
    expect(await admin.call('get_channel', { channel: room })).toMatchObject({ id: room, name: 'Room' });
    expect(await admin.call('set_memberships', { user, channels: [room] })).toEqual([room]);
    await told({ what: 'membership', action: 'set', channel: room, user });
    expect(await admin.call('get_memberships', { user })).toEqual([room]);
    expect(await admin.call('set_members', { channel: room, users: ['bob'] })).toEqual([user, 'bob'].sort());
    expect(await admin.call('get_members', { channel: room })).toEqual([user, 'bob'].sort());
    expect(await admin.call('remove_members', { channel: room, users: ['bob'] })).toEqual([user]);
    expect(await admin.call('remove_memberships', { user, channels: [room] })).toEqual([]);
    await admin.call('remove_user', { user });
    expect((await admin.failure('get_user', { user })).status).toBe(404);
    await admin.call('remove_channel', { channel: room });
    await told({ what: 'channel', action: 'delete', id: room });
  });

  it('sends, announces, lists, fetches and deletes files', async () => {
    const room = fresh();
    const ann = await bearer('ann', { channels: { [room]: ['read', 'write', 'delete'] } });
    await ann.subscribed({ channels: [room] });
    const sent = (await ann.call('send_file', {
      channel: room,
      name: 'note.txt',
      content: 'héllo',
      message: 'look',
    })) as {
      readonly id: string;
      readonly name: string;
    };
    await ann.seen({ event: 'file', channel: room, user: 'ann', message: 'look', ...sent });
    expect(await ann.call('list_files', { channel: room })).toEqual([{ ...sent, size: 6 }]);
    const url = String(await ann.call('file_url', { channel: room, ...sent }));
    expect(await (await fetch(url)).text()).toBe('héllo');
    expect(await ann.call('download_file', { channel: room, ...sent })).toBe('héllo');
    await ann.call('delete_file', { channel: room, ...sent });
    expect(await ann.call('list_files', { channel: room })).toEqual([]);
  });

  it('does all of that with the secret key alone', async () => {
    const room = fresh();
    const admin = backend();
    await admin.subscribed({ channels: [room], groups: [] });
    const message = await admin.call('publish', {
      channel: room,
      message: { a: 'ü &=+' },
      post: true,
      meta: { x: 'é ~' },
    });
    await admin.seen({ event: 'message', timetoken: message });
    await admin.call('publish', { channel: room, message: 'packed', post: true, compress: true });
    await admin.seen({ event: 'message', message: 'packed' });
    await admin.call('signal', { channel: room, message: 's' });
    const added = (await admin.call('add_action', { channel: room, message, type: 't', value: 'v' })) as {
      timetoken: string;
    };
    await admin.call('remove_action', { channel: room, message, action: added.timetoken });
    const sent = (await admin.call('send_file', { channel: room, name: 'x.txt', content: 'x' })) as object;
    expect(await admin.call('download_file', { channel: room, ...sent })).toBe('x');
    await admin.call('delete_file', { channel: room, ...sent });
    await admin.call('delete_messages', { channel: room });
    expect(await admin.call('history', { channel: room })).toEqual([]);
  });

  it.each([
    ['publish', { message: 'x' }],
    ['publish', { message: 'x', post: true }],
    ['signal', { message: 'x' }],
    ['history', {}],
    ['delete_messages', {}],
    ['get_actions', {}],
    ['list_files', {}],
  ])('tells its application that %s %j was refused', async (call, args) => {
    if (call === 'delete_messages' && sdk.without.includes('deleting with a token')) return;
    const room = fresh();
    const ann = await bearer('ann', { channels: { other: ['read', 'write', 'delete'] } });
    const refused = await ann.failure(call, { channel: room, ...args });
    expect(refused).toMatchObject({ status: 403, text: expect.stringContaining('Forbidden') });
    expect(refused.text).toContain(room);
  });

  it('tells its application when a poll is refused, and when it is cut', async () => {
    const room = fresh();
    const stranger = await bearer('eve', { channels: { other: ['read'] } });
    await stranger.call('subscribe', { channels: [room] });
    await stranger.seen({ event: 'status', category: 'PNAccessDeniedCategory' });
    const token = house.mint({ channels: { [room]: ['read'] } }, { user: 'ann' });
    const ann = person('ann');
    await ann.call('set_token', { token });
    await ann.subscribed({ channels: [room] });
    await backend().call('revoke', { token });
    await ann.seen({ event: 'status', category: 'PNAccessDeniedCategory' });
  });
});
