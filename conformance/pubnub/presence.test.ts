import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Frame, RawClient } from '../support/raw-client.ts';
import { HASH } from '../support/server.ts';
import { GrantHouse } from './grant-house.fixture.ts';
import type { VendorUser } from './vendor-client.fixture.ts';

/** Users of the vendor's SDK who are present by more than one token, or before they come, beside a client of Xano's wire. */
let house: GrantHouse;
let rooms = 0;
const sockets: RawClient[] = [];

beforeAll(async () => {
  house = await GrantHouse.open(
    '{ rules: on, grants: off, explainToClients: full }',
    '[ { target: "hall/*", nested: true, anonymousClients: true, presence: true, publicMessaging: true } ]',
  );
});
afterAll(() => house?.close());
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  house.sendAllAway();
});

const tokenFor = (user: string): Promise<string> => house.server.tokenFor(user, { table: 7, row: user });

/** What a client of Xano's wire is told of who comes and goes: the action and the session. */
function comings(socket: RawClient): { readonly action: string; readonly socketId: string }[] {
  return socket.frames
    .filter(({ action }) => action === 'presence_update')
    .map(({ payload }) => payload as { action: string; presence: { socketId: string } })
    .map(({ action, presence }) => ({ action, socketId: presence.socketId }));
}

const isPresence =
  (wanted: string) =>
  ({ action, payload }: Frame): boolean =>
    action === 'presence_update' && (payload as { action?: string }).action === wanted;

const isMessage =
  (wanted: unknown) =>
  ({ action, payload }: Frame): boolean =>
    action === 'message' && payload === wanted;

async function stage() {
  const room = `hall/${++rooms}`;
  const xano = await RawClient.open({ port: house.server.port, hash: HASH, token: await tokenFor('ada') });
  sockets.push(xano);
  await xano.join(room, { presence: true });
  const watcher = house.listener('watcher', await tokenFor('watcher'));
  await watcher.subscribed({ channels: [room], withPresence: true });
  await xano.until(isPresence('join'));
  const before = comings(xano).length;
  return { room, xano, watcher, since: () => comings(xano).slice(before) };
}

const occupants = async (room: string) =>
  (await house.backend().hereNow({ channels: [room], includeState: true })).channels[room]?.occupants;
const told = (watcher: VendorUser) =>
  watcher
    .of('presence')
    .filter(({ uuid }) => uuid === 'bo')
    .map(({ action }) => action);

describe.each([
  ['the event engine', {}],
  ['the legacy manager', { enableEventEngine: false }],
])('a user with two devices, each with a token of its own and %s', (_, options) => {
  it('comes once and goes once; one revoked token takes its own device out of the room, and nobody else', async () => {
    const { room, xano, watcher, since } = await stage();
    const [first, second] = [await tokenFor('bo'), await tokenFor('bo')];
    expect(first).not.toBe(second);
    const [phone, laptop] = [house.listener('bo', first, options), house.listener('bo', second, options)];
    await phone.subscribed({ channels: [room] });
    await laptop.subscribed({ channels: [room] });
    // Each message ends both polls, and the next ones say again that their user is there.
    for (let n = 1; n <= 5; n++) {
      await watcher.client.publish({ channel: room, message: n });
      await phone.seen('message', { message: n });
      await laptop.seen('message', { message: n });
    }
    await xano.until(isMessage(5));
    expect(since().map(({ action }) => action)).toEqual(['join', 'join']);
    expect(told(watcher)).toEqual(['join']);
    const [, place] = since();
    await house.server.must('POST', '/apps/test/revocations', { token: second });
    await xano.until(isPresence('leave'));
    await phone.client.publish({ channel: room, message: 'still here' });
    await watcher.seen('message', { message: 'still here' });
    await phone.seen('message', { message: 'still here' });
    await xano.until(isMessage('still here'));
    expect(since().slice(2)).toEqual([{ ...place, action: 'leave' }]);
    expect(told(watcher)).toEqual(['join']);
    expect((await occupants(room))?.map(({ uuid }) => uuid)).toContain('bo');
    phone.client.unsubscribeAll();
    await watcher.seen('presence', { action: 'leave', uuid: 'bo' });
    expect((await occupants(room))?.map(({ uuid }) => uuid)).not.toContain('bo');
  });
});

describe('state', () => {
  it('that is set before subscribing is read back, and comes along', async () => {
    const { room, watcher } = await stage();
    const bo = house.listener('bo', await tokenFor('bo'), { maintainPresenceState: false });
    await bo.client.setState({ channels: [room], state: { mood: 'early' } });
    const read = await watcher.client.getState({ channels: [room], uuid: 'bo' });
    expect(read.channels).toEqual({ [room]: { mood: 'early' } });
    expect((await occupants(room))?.map(({ uuid }) => uuid)).not.toContain('bo');
    await bo.subscribed({ channels: [room] });
    expect(await watcher.seen('presence', { action: 'join', uuid: 'bo' })).toMatchObject({ state: { mood: 'early' } });
    expect(await occupants(room)).toContainEqual({ uuid: 'bo', state: { mood: 'early' } });
  });
});
