import type { Channel, Json } from '@portcullis/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClientHouse, codeOf } from './house.fixture.ts';

let house: ClientHouse;
let next = 0;
/** A channel of its own for each test. */
const name = (kind: 'kept' | 'fleeting' | 'members' = 'kept') => `${kind}/room-${++next}`;
const heardBy = (channel: Channel<Json>) => {
  const heard: Json[] = [];
  channel.on('message', ({ data }) => heard.push(data));
  return heard;
};

beforeAll(async () => {
  house = await ClientHouse.open();
});
afterAll(() => house?.close());

describe('the client at the real door', () => {
  it('joins, publishes, and hears: everyone, the authenticated, a session, a user', async () => {
    const room = name();
    const [ada, bo, guest] = [house.client('ada'), house.client('bo'), house.client()];
    const [adas, bos, guests] = [ada, bo, guest].map((client) => client.channel(room)) as [
      Channel<Json>,
      Channel<Json>,
      Channel<Json>,
    ];
    await Promise.all([adas.join(), bos.join(), guests.join()]);
    const heard = [adas, bos, guests].map(heardBy);
    const { position, timetoken } = await adas.publish('all');
    await adas.publish('members', { to: 'authenticated' });
    await adas.publish('session', { to: { session: String(bo.session) } });
    await adas.publish('user', { to: { user: 'bo' } });
    await guests.publish('end');
    expect(position?.offset).toBe(1);
    expect(timetoken).toMatch(/^\d{17}$/);
    await expect.poll(() => heard.map((list) => list.at(-1))).toEqual(['end', 'end', 'end']);
    expect(heard).toEqual([
      ['all', 'members', 'end'],
      ['all', 'members', 'session', 'user', 'end'],
      ['all', 'end'],
    ]);
    expect([ada.authenticated, guest.authenticated, ada.self?.user]).toEqual([true, false, 'ada']);
  });

  it('refuses with code, sentence and fix', async () => {
    const guest = house.client();
    const members = guest.channel(name('members'));
    const error = await members.join().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'PortcullisError',
      code: 'channel.anonymous-not-allowed',
      channel: members.name,
    });
    expect((error as { fix?: string }).fix).toBeTypeOf('string');
    expect(members.state).toBe('lost');
    expect(await codeOf(guest.channel(name()).publish(1))).toBe('channel.not-joined');
    expect(await codeOf(house.client('ada').channel('nowhere').join())).toBe('channel.no-rule');
  });

  it('keeps who is here, with state', async () => {
    const room = name();
    const ada = house.client('ada').channel(room);
    await ada.setState({ mood: 'calm' });
    await ada.join({ presence: true });
    await expect.poll(() => ada.members.map(({ user, state }) => [user, state])).toEqual([['ada', { mood: 'calm' }]]);
    const bo = house.client('bo');
    await bo.channel(room).join();
    await expect.poll(() => ada.members.map(({ user }) => user).sort()).toEqual(['ada', 'bo']);
    await bo.channel(room).setState({ typing: true });
    await expect.poll(() => ada.members.find(({ user }) => user === 'bo')?.state).toEqual({ typing: true });
    expect((await ada.roster()).total).toBe(2);
    bo.close();
    await expect.poll(() => ada.members.map(({ user }) => user)).toEqual(['ada']);
  });

  it('reads history in pages, at a join and when asked', async () => {
    const ada = house.client('ada').channel(name());
    await ada.join();
    await Promise.all([1, 2, 3, 4, 5].map((n) => ada.publish(n)));
    const { messages, more } = await ada.history({ limit: 2 });
    expect([messages.map(({ data }) => data), more]).toEqual([[4, 5], true]);
    const older = await ada.history({ before: String(messages[0]?.timetoken) });
    expect([older.messages.map(({ data }) => data), older.more]).toEqual([[1, 2, 3], false]);
    const late = house.client().channel(ada.name);
    const heard = heardBy(late);
    await late.join({ history: 3 });
    await ada.publish(6);
    await expect.poll(() => heard).toEqual([3, 4, 5, 6]);
  });

  it('publishes once what was published twice under one key', async () => {
    const ada = house.client('ada').channel(name());
    await ada.join();
    const heard = heardBy(ada);
    const first = await ada.publish('once', { key: 'k' });
    const again = await ada.publish('once', { key: 'k' });
    expect(again).toMatchObject({ repeated: true, position: first.position, timetoken: first.timetoken });
    await ada.publish('end');
    await expect.poll(() => heard).toEqual(['once', 'end']);
  });

  it('is told what is taken away, and keeps the rest', async () => {
    const [one, two] = [name(), name()];
    const ada = house.client('cora');
    const lost: string[] = [];
    ada.channel(one).on('lost', ({ what, error }) => lost.push(`${what} ${error.code}`));
    await Promise.all([ada.channel(one).join(), ada.channel(two).join()]);
    await house.server.must('POST', '/apps/test/bans', { user: 'cora', channel: one, reason: 'test' });
    await expect.poll(() => lost).toEqual(['channel identity.banned']);
    expect([ada.channel(one).state, ada.channel(two).state, ada.state]).toEqual(['lost', 'joined', 'connected']);
  });

  it('is over when its user is banned, and says why', async () => {
    const dora = house.client('dora');
    await dora.channel(name()).join();
    await house.server.must('POST', '/apps/test/bans', { user: 'dora', reason: 'test' });
    await expect.poll(() => [dora.state, dora.error?.code]).toEqual(['closed', 'identity.banned']);
  });

  it('puts another token in place when the one it has is revoked, and goes on with nothing lost', async () => {
    const room = name();
    const eve = house.client('eve');
    const ada = house.client('ada').channel(room);
    await Promise.all([eve.channel(room).join(), ada.join()]);
    const session = eve.session;
    const heard = heardBy(eve.channel(room));
    await ada.publish(1);
    await house.server.must('POST', '/apps/test/revocations', { user: 'eve', reason: 'test' });
    await ada.publish(2);
    await ada.publish(3);
    await expect.poll(() => heard).toEqual([1, 2, 3]);
    expect([eve.channel(room).state, eve.session]).toEqual(['joined', session]);
  });

  it('renews tokens before they end, on one connection', async () => {
    let asked = 0;
    const fay = house.client('fay', {
      getToken: () => {
        asked += 1;
        return house.server.tokenFor('fay', { ttl: '3s' });
      },
    });
    const room = fay.channel(name());
    await room.join();
    const session = fay.session;
    const lost: unknown[] = [];
    room.on('lost', (event) => lost.push(event));
    await expect.poll(() => asked, { timeout: 15_000 }).toBeGreaterThanOrEqual(4);
    expect([fay.session, room.state, lost]).toEqual([session, 'joined', []]);
  });

  it('is turned away with an unknown key, and does not come back', async () => {
    const stranger = house.client(undefined, { key: 'sub-unknown' });
    await expect.poll(() => [stranger.state, stranger.error?.code]).toEqual(['closed', 'app.unknown-key']);
  });

  it('comes back with 300 channels, more than a server takes before the first is joined', async () => {
    const long = 'x'.repeat(180);
    const gus = house.client('gus');
    const channels = Array.from({ length: 300 }, (_, n) => gus.channel(`kept/${long}-${n}`));
    await Promise.all(channels.map((channel) => channel.join()));
    expect(channels.every(({ state }) => state === 'joined')).toBe(true);
    // It may be back sooner than anyone could look.
    const states: string[] = [];
    gus.on('state', ({ state }) => states.push(state));
    house.breakAll();
    await expect.poll(() => states).toContain('connected');
    await expect.poll(() => channels.filter(({ state }) => state === 'joined').length, { timeout: 10_000 }).toBe(300);
  });
});
