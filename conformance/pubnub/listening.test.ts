import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Granted, GrantHouse } from './grant-house.fixture.ts';
import type { VendorEvent, VendorUser } from './vendor-client.fixture.ts';

/** Listening under the Access Manager: who is let in, who is not, and who is put out while a poll hangs. */
let house: GrantHouse;
let rooms = 0;

beforeAll(async () => {
  house = await GrantHouse.open();
});
afterAll(() => house?.close());
afterEach(() => house.sendAllAway());

const LEGACY = { enableEventEngine: false };

/** What the SDK says of a subscription that was refused, and of one that was cut. */
const ENGINES = [
  {
    name: 'the event engine',
    options: {},
    refused: { category: 'PNConnectionErrorCategory', error: 'PNAccessDeniedCategory' },
    cut: { category: 'PNDisconnectedUnexpectedlyCategory', error: 'PNAccessDeniedCategory' },
  },
  {
    name: 'the legacy manager',
    options: LEGACY,
    refused: { category: 'PNAccessDeniedCategory', operation: 'PNSubscribeOperation', statusCode: 403 },
    cut: { category: 'PNAccessDeniedCategory', operation: 'PNSubscribeOperation', statusCode: 403 },
  },
] as const;

/** A room of one test alone, in a group and under a wildcard of its own. */
async function freshRoom() {
  const room = `hall${++rooms}.room`;
  const group = `hall-group-${rooms}`;
  await house.backend().channelGroups.addChannels({ channelGroup: group, channels: [room] });
  return { room, group, wildcard: `hall${rooms}.*` };
}

type Room = Awaited<ReturnType<typeof freshRoom>>;

interface Way {
  readonly name: string;
  readonly subscribe: (room: Room) => object;
  /** Just what it needs. */
  readonly granted: (room: Room) => Granted;
  /** What names the same people, and is not enough. */
  readonly lacking: (room: Room) => Granted;
}

const WAYS: readonly Way[] = [
  {
    name: 'a channel',
    subscribe: ({ room }) => ({ channels: [room] }),
    granted: ({ room }) => ({ channels: { [room]: ['read'] } }),
    lacking: ({ room }) => ({ channels: { [room]: ['write', 'manage', 'delete', 'get', 'update', 'join'] } }),
  },
  {
    name: 'a wildcard',
    subscribe: ({ wildcard }) => ({ channels: [wildcard] }),
    granted: ({ wildcard }) => ({ channels: { [wildcard]: ['read'] } }),
    lacking: ({ room }) => ({ channels: { [room]: ['read'] } }),
  },
  {
    name: 'a group',
    subscribe: ({ group }) => ({ channelGroups: [group] }),
    granted: ({ group }) => ({ groups: { [group]: ['read'] } }),
    lacking: ({ room, group }) => ({ channels: { [room]: ['read'] }, groups: { [group]: ['manage'] } }),
  },
];

const PRESENCE: readonly Way[] = [
  {
    name: 'a channel',
    subscribe: ({ room }) => ({ channels: [room], withPresence: true }),
    granted: ({ room }) => ({ channels: { [room]: ['read'], [`${room}-pnpres`]: ['read'] } }),
    lacking: ({ room }) => ({ channels: { [room]: ['read'] } }),
  },
  {
    name: 'a channel’s presence alone',
    subscribe: ({ room }) => ({ channels: [`${room}-pnpres`] }),
    granted: ({ room }) => ({ channels: { [`${room}-pnpres`]: ['read'] } }),
    lacking: ({ room }) => ({ channels: { [room]: ['read'] } }),
  },
  {
    name: 'a wildcard',
    subscribe: ({ wildcard }) => ({ channels: [wildcard], withPresence: true }),
    granted: ({ wildcard }) => ({ channels: { [wildcard]: ['read'], [`${wildcard}-pnpres`]: ['read'] } }),
    lacking: ({ wildcard }) => ({ channels: { [wildcard]: ['read'] } }),
  },
  {
    name: 'a group',
    subscribe: ({ group }) => ({ channelGroups: [group], withPresence: true }),
    granted: ({ group }) => ({ groups: { [group]: ['read'], [`${group}-pnpres`]: ['read'] } }),
    lacking: ({ group }) => ({ groups: { [group]: ['read'] } }),
  },
];

describe.each(ENGINES)('with $name', ({ options, refused, cut }) => {
  const arrive = (way: Way, room: Room, granted: Granted): VendorUser => {
    const user = `listener-${++rooms}`;
    const listener = house.listener(user, house.mint(granted, { user }), options);
    listener.client.subscribe(way.subscribe(room));
    return listener;
  };
  const connected = (listener: VendorUser) => listener.seen('status', { category: 'PNConnectedCategory' });

  describe.each(WAYS)('subscribing to $name', (way) => {
    it('brings its messages, signals and reactions to whoever may read it', async () => {
      const room = await freshRoom();
      const listener = arrive(way, room, way.granted(room));
      await connected(listener);
      const backend = house.backend();
      const { timetoken } = await backend.publish({ channel: room.room, message: 'hello', meta: { n: 1 } });
      expect(await listener.seen('message', { channel: room.room })).toMatchObject({ message: 'hello', timetoken });
      await backend.signal({ channel: room.room, message: 'typing' });
      expect(await listener.seen('signal', { channel: room.room })).toMatchObject({ message: 'typing' });
      const action = { type: 'reaction', value: 'smile' };
      await backend.addMessageAction({ channel: room.room, messageTimetoken: String(timetoken), action });
      expect(await listener.seen('messageAction', { channel: room.room })).toMatchObject({
        data: { ...action, messageTimetoken: timetoken, uuid: 'backend' },
      });
    });

    it('is refused to whoever may not, and they hear nothing', async () => {
      const room = await freshRoom();
      const listener = arrive(way, room, way.lacking(room));
      await listener.seen('status', refused);
      await house.backend().publish({ channel: room.room, message: 'for others' });
      expect(listener.of('message')).toEqual([]);
      expect(listener.of('status').some(({ category }) => category === 'PNConnectedCategory')).toBe(false);
    });
  });

  describe.each(PRESENCE)('watching $name', (way) => {
    it('tells of those who come, to whoever may read that too', async () => {
      const room = await freshRoom();
      const watcher = arrive(way, room, way.granted(room));
      await connected(watcher);
      const guest = house.listener('guest', house.mint({ channels: { [room.room]: ['read'] } }, { user: 'guest' }));
      await guest.subscribed({ channels: [room.room] });
      expect(await watcher.seen('presence', { action: 'join', uuid: 'guest' })).toMatchObject({ channel: room.room });
      guest.client.unsubscribeAll();
      await watcher.seen('presence', { action: 'leave', uuid: 'guest' });
    });

    it('is refused to whoever may only read the messages', async () => {
      const room = await freshRoom();
      await arrive(way, room, way.lacking(room)).seen('status', refused);
    });
  });

  it('names that are refused refuse the call, and the answer lists them', async () => {
    const listener = arrive(
      { ...ANY, subscribe: () => ({ channels: ['listed-a', 'listed-b', 'listed-c'] }) },
      await freshRoom(),
      { channels: { 'listed-b': ['read'] } },
    );
    await listener.seen('status', refused);
    const asked = house.client('asker', house.mint({ channels: { 'listed-b': ['read'] } }));
    const here = asked.hereNow({ channels: ['listed-a', 'listed-b', 'listed-c'] });
    await expect(here).rejects.toMatchObject({
      status: { statusCode: 403, errorData: { payload: { channels: ['listed-a', 'listed-c'] } } },
    });
  });

  it('a member that comes back with a wider token goes on', async () => {
    const room = await freshRoom();
    const listener = arrive(ANY, room, { channels: { elsewhere: ['read'] } });
    await listener.seen('status', refused);
    const user = `listener-${rooms}`;
    listener.client.setToken(house.mint({ channels: { [room.room]: ['read'] } }, { user }));
    listener.client.reconnect();
    await connected(listener);
    await house.backend().publish({ channel: room.room, message: 'again' });
    await listener.seen('message', { message: 'again' });
  });

  it('a member that disconnects is silent, and hears what was said meanwhile when it reconnects', async () => {
    const room = await freshRoom();
    const listener = arrive(ANY, room, { channels: { [room.room]: ['read'] } });
    await connected(listener);
    listener.client.disconnect();
    await house.backend().publish({ channel: room.room, message: 'meanwhile' });
    expect(listener.of('message')).toEqual([]);
    listener.client.reconnect();
    await listener.seen('message', { message: 'meanwhile' });
  });

  it('a subscription of one channel hears that channel alone', async () => {
    const [here, there] = [await freshRoom(), await freshRoom()];
    const user = `listener-${++rooms}`;
    const read = house.mint({ channels: { [here.room]: ['read'], [there.room]: ['read'] } }, { user });
    const client = house.client(user, read, options);
    const heard: unknown[] = [];
    const told = new Promise<void>((resolve) => {
      const subscription = client.channel(here.room).subscription();
      subscription.onMessage = ({ message }) => {
        heard.push(message);
        if (message === 'last') resolve();
      };
      client.addListener({ status: ({ category }) => category === 'PNConnectedCategory' && void speak() });
      subscription.subscribe();
      client.channel(there.room).subscription().subscribe();
    });
    const speak = async () => {
      for (const [channel, message] of [
        [there.room, 'elsewhere'],
        [here.room, 'here'],
        [here.room, 'last'],
      ] as const)
        await house.backend().publish({ channel, message });
    };
    await told;
    expect(heard.filter((message) => message !== 'last')).toContain('here');
    expect(heard).not.toContain('elsewhere');
  });

  describe('while a poll hangs', () => {
    /** Somebody who hears all of the room, beside whom silence is told from slowness. */
    const witness = async (room: string): Promise<VendorUser> => {
      const other = house.listener('witness', house.mint({ channels: { [room]: ['read'] } }, { user: 'witness' }));
      await other.subscribed({ channels: [room] });
      return other;
    };

    it('a revoked token ends it at once, and nothing that follows is heard', async () => {
      const { room } = await freshRoom();
      const other = await witness(room);
      const token = house.mint({ channels: { [room]: ['read'] } }, { user: 'leaver' });
      const leaver = house.listener('leaver', token, options);
      await leaver.subscribed({ channels: [room] });
      const backend = house.backend();
      await backend.publish({ channel: room, message: 'before' });
      await leaver.seen('message', { message: 'before' });
      await backend.revokeToken(token);
      await backend.publish({ channel: room, message: 'after' });
      await leaver.seen('status', cut);
      await other.seen('message', { message: 'after' });
      expect(heard(leaver)).toEqual(['before']);
      expect((await backend.hereNow({ channels: [room] })).channels[room]?.occupants).not.toContainEqual(
        expect.objectContaining({ uuid: 'leaver' }),
      );
    });

    it('a token that ends, ends it with its time', async () => {
      const { room } = await freshRoom();
      const other = await witness(room);
      // It has between two and three seconds left: tokens are dated in whole seconds.
      const now = Date.now() - 57_000;
      const token = house.mint({ channels: { [room]: ['read'] } }, { user: 'leaver', ttl: 1, now });
      const leaver = house.listener('leaver', token, options);
      await leaver.subscribed({ channels: [room] });
      const backend = house.backend();
      await backend.publish({ channel: room, message: 'before' });
      await leaver.seen('message', { message: 'before' });
      await leaver.seen('status', cut);
      expect(Date.now()).toBeGreaterThanOrEqual(Math.floor(now / 1_000) * 1_000 + 60_000);
      await backend.publish({ channel: room, message: 'after' });
      await other.seen('message', { message: 'after' });
      expect(heard(leaver)).toEqual(['before']);
    });
  });
});

const ANY: Way = {
  name: 'a channel',
  subscribe: ({ room }) => ({ channels: [room] }),
  granted: () => ({}),
  lacking: () => ({}),
};

const heard = (listener: VendorUser): unknown[] => listener.of('message').map(({ message }: VendorEvent) => message);

describe('heartbeats with the event engine', () => {
  it('are refused with the subscription, and said to be', async () => {
    const { room } = await freshRoom();
    const token = house.mint({ channels: { [room]: ['write'] } }, { user: 'outsider' });
    const outsider = house.listener('outsider', token, { presenceTimeout: 20 });
    outsider.client.subscribe({ channels: [room] });
    await outsider.seen('status', {
      category: 'PNAccessDeniedCategory',
      operation: 'PNHeartbeatOperation',
      statusCode: 403,
    });
    expect((await house.backend().hereNow({ channels: [room] })).totalOccupancy).toBe(0);
  });
});
