import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { denied, type Granted, GrantHouse, KEYS, outcome } from './grant-house.fixture.ts';
import type { VendorUser } from './vendor-client.fixture.ts';

/**
 * Somebody who may do everything in the room under no name of their own, and states that they are alice. The proven alice
 * is there as well: nothing of hers is ended, changed, owned or received by the other.
 */
const { publish: PUBLISH, subscribe: SUBSCRIBE } = KEYS;
let house: GrantHouse;
let rooms = 0;

beforeAll(async () => {
  house = await GrantHouse.open();
});
afterAll(() => house?.close());
afterEach(() => house.sendAllAway());

const everything = (room: string): Granted => ({
  channels: { [room]: ['read', 'write', 'manage', 'delete', 'get', 'update', 'join'], [`${room}-pnpres`]: ['read'] },
});

interface Stage {
  readonly room: string;
  /** Proven. */
  readonly alice: VendorUser;
  /** Sees who comes and goes, and hears what is said. */
  readonly watcher: VendorUser;
  /** The token of nobody in particular. */
  readonly unbound: string;
}

async function stage(): Promise<Stage> {
  const room = `stage-${++rooms}`;
  const watcher = house.listener('watcher', house.mint(everything(room), { user: 'watcher' }));
  await watcher.subscribed({ channels: [room], withPresence: true });
  const alice = house.listener('alice', house.mint(everything(room), { user: 'alice' }));
  await alice.subscribed({ channels: [room] });
  await watcher.seen('presence', { action: 'join', uuid: 'alice' });
  return { room, alice, watcher, unbound: house.mint(everything(room)) };
}

/** Everything that the watcher is to be told before now has reached it. */
async function settled({ room, watcher }: Stage): Promise<void> {
  const message = `settled ${++rooms}`;
  await house.backend().publish({ channel: room, message });
  await watcher.seen('message', { message });
}

const told = ({ watcher }: Stage, action: string) => watcher.of('presence').filter((event) => event.action === action);

async function occupants(room: string) {
  const here = await house.backend().hereNow({ channels: [room], includeState: true });
  return here.channels[room]?.occupants;
}

describe.each([
  ['the event engine', {}],
  ['the legacy manager', { enableEventEngine: false }],
])('an impostor with %s', (_, options) => {
  it('cannot leave for the proven user', async () => {
    const scene = await stage();
    const { room } = scene;
    const impostor = house.listener('alice', scene.unbound, options);
    await impostor.subscribed({ channels: [room] });
    impostor.client.unsubscribeAll();
    // The SDK does not say when a leave was answered.
    const bare = `${house.server.url}/v2/presence/sub-key/${SUBSCRIBE}/channel/${room}/leave?uuid=alice`;
    for (const auth of ['', `&auth=${encodeURIComponent(scene.unbound)}`]) {
      expect((await fetch(`${bare}${auth}`)).status).toBe(200);
    }
    await settled(scene);
    expect(told(scene, 'leave')).toEqual([]);
    expect(await occupants(room)).toContainEqual(expect.objectContaining({ uuid: 'alice' }));
    await house.backend().publish({ channel: room, message: 'still here?' });
    await scene.alice.seen('message', { message: 'still here?' });
  });

  it('cannot change the proven user’s state', async () => {
    const scene = await stage();
    const { room, alice, unbound } = scene;
    await alice.client.setState({ channels: [room], state: { mood: 'hers' } });
    await scene.watcher.seen('presence', { action: 'state-change', uuid: 'alice' });
    const impostor = house.client('alice', unbound, options);
    await outcome(impostor.setState({ channels: [room], state: { mood: 'forged' }, withHeartbeat: true }));
    await outcome(impostor.setState({ channels: [room], state: { mood: 'forged again' } }));
    await settled(scene);
    expect(await outcome(alice.client.getState({ channels: [room], uuid: 'alice' }))).toEqual({
      channels: { [room]: { mood: 'hers' } },
    });
    expect((await occupants(room))?.filter(({ uuid }) => uuid === 'alice')).toEqual([
      { uuid: 'alice', state: { mood: 'hers' } },
    ]);
    const asked = await outcome(house.backend().getState({ channels: [room], uuid: 'alice' }));
    expect(asked).toEqual({ channels: { [room]: { mood: 'hers' } } });
    expect(told(scene, 'state-change').map(({ state }) => state)).toEqual([{ mood: 'hers' }]);
  });

  it('receives nothing that is for the proven user', async () => {
    const scene = await stage();
    const { room, alice, unbound } = scene;
    const impostor = house.listener('alice', unbound, options);
    await impostor.subscribed({ channels: [room] });
    await house.server.must('POST', '/apps/test/events', { channel: room, data: 'for alice', user: 'alice' });
    await house.server.must('POST', '/apps/test/events', { channel: room, data: 'for all' });
    await alice.seen('message', { message: 'for alice' });
    await impostor.seen('message', { message: 'for all' });
    expect(impostor.of('message').map(({ message }) => message)).toEqual(['for all']);
    const asked = house.client('alice', unbound, options);
    const { channels } = await asked.fetchMessages({ channels: [room] });
    expect(channels[room]?.map(({ message }) => message)).toEqual(['for all']);
    const hers = await alice.client.fetchMessages({ channels: [room] });
    expect(hers.channels[room]?.map(({ message }) => message)).toEqual(['for alice', 'for all']);
  });

  it('owns no reaction of the proven user, and none of its own makes hers', async () => {
    const { room, alice, unbound } = await stage();
    const impostor = house.client('alice', unbound, options);
    const { timetoken } = await house.backend().publish({ channel: room, message: 'react!' });
    const action = { type: 'reaction', value: 'smile' };
    const added = await alice.client.addMessageAction({ channel: room, messageTimetoken: String(timetoken), action });
    const one = { channel: room, messageTimetoken: String(timetoken) };
    expect(
      await outcome(impostor.removeMessageAction({ ...one, actionTimetoken: added.data.actionTimetoken })),
    ).toMatchObject({ statusCode: 400, code: 'operation.not-own' });
    const forged = { type: 'reaction', value: 'forged' };
    await outcome(impostor.addMessageAction({ ...one, action: forged }));
    const { data } = await impostor.getMessageActions({ channel: room });
    expect(data).toContainEqual(expect.objectContaining({ ...action, uuid: 'alice' }));
  });

  it('has no metadata and no memberships of hers without a permission on that very id', async () => {
    const { room, unbound } = await stage();
    const impostor = house.client('alice', unbound, options);
    const { objects } = impostor;
    for (const call of [
      () => objects.getUUIDMetadata(),
      () => objects.setUUIDMetadata({ data: { name: 'forged' } }),
      () => objects.removeUUIDMetadata(),
      () => objects.getMemberships(),
      () => objects.setMemberships({ channels: [room] }),
      () => objects.removeMemberships({ channels: [room] }),
    ]) {
      expect(await outcome(call())).toEqual(denied('grant.not-covered'));
    }
  });
});

describe('a token that is known to hold', () => {
  it('lets nobody else in by it: not another user, not no user, not both, not respelt, not cut', async () => {
    const { room } = await stage();
    const token = house.mint(everything(room), { user: 'alice' });
    const publish = async (query: string) => {
      const path = `/publish/${PUBLISH}/${SUBSCRIBE}/0/${room}/0/%22x%22?${query}`;
      const response = await fetch(`${house.server.url}${path}`);
      return { status: response.status, code: response.headers.get('x-portcullis-code') };
    };
    const auth = `auth=${encodeURIComponent(token)}`;
    // Warm in every cache.
    for (let n = 0; n < 3; n++) expect((await publish(`uuid=alice&${auth}`)).status).toBe(200);
    expect(await publish(`uuid=bob&${auth}`)).toEqual({ status: 403, code: 'identity.user-mismatch' });
    expect((await publish(auth)).status).toBe(403);
    expect((await publish(`uuid=&${auth}`)).status).toBeGreaterThanOrEqual(400);
    for (const doubled of [
      `uuid=alice&uuid=bob&${auth}`,
      `uuid=bob&uuid=alice&${auth}`,
      `uuid=alice&uuid=alice&${auth}`,
      `uuid=alice&${auth}&auth=x`,
      `uuid=alice&%75uid=bob&${auth}`,
    ]) {
      expect((await publish(doubled)).status, doubled).toBeGreaterThanOrEqual(400);
    }
    const plain = token.replace(/=+$/, '');
    const respelt = [
      `${token}=`,
      `${plain}==`.length === token.length ? plain : `${plain}==`,
      ` ${token}`,
      `${token} `,
      `${token}A`,
      token.slice(0, -4),
      token.slice(4),
      token.toUpperCase(),
      `${plain.slice(0, -1)}${plain.endsWith('A') ? 'B' : 'A'}`,
    ];
    for (const other of respelt) {
      const { status } = await publish(`uuid=alice&auth=${encodeURIComponent(other)}`);
      expect(status, other).toBe(403);
    }
    expect((await publish(`uuid=alice&${auth}`)).status).toBe(200);
  });

  it('is none with any character of it altered', async () => {
    const { room } = await stage();
    const token = house.mint(everything(room), { user: 'alice' });
    const plain = token.replace(/=+$/, '');
    const answers = new Set<number>();
    for (let at = 0; at < plain.length; at++) {
      const altered = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
      const path = `/publish/${PUBLISH}/${SUBSCRIBE}/0/${room}/0/1?uuid=alice&auth=${encodeURIComponent(altered)}`;
      answers.add((await fetch(`${house.server.url}${path}`)).status);
    }
    expect([...answers]).toEqual([403]);
  });
});
