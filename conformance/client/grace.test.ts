import type { Client } from '@portcullis/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NativeClient } from '../support/native-client.ts';
import { RawClient } from '../support/raw-client.ts';
import { HASH } from '../support/server.ts';
import { ClientHouse, KEY } from './house.fixture.ts';

/** Who breaks off and is back within `presence.grace` did not leave, as all see it that are in the room by other doors. */
const APP = `    keys: { publish: pub-conformance, subscribe: ${KEY} }
    presence: { grace: 10m }
    channels:
      - { target: "room/*", nested: on, anonymousClients: on, presence: on, publicMessaging: on, privateMessaging: on, history: 100 }
`;
const quick = { backoff: { base: 50, max: 500 } };

let house: ClientHouse;
let rooms = 0;
let room: string;

beforeAll(async () => {
  house = await ClientHouse.open({ app: APP });
});
afterAll(() => house?.close());

/** Two that see who comes and goes. */
async function watchers(): Promise<{ readonly native: NativeClient; readonly xano: RawClient }> {
  room = `room/${++rooms}`;
  const native = await NativeClient.open({ port: house.server.port, key: KEY });
  const xano = await RawClient.open({ port: house.server.port, hash: HASH });
  await native.join(room, { presence: true });
  await xano.join(room, { presence: true });
  return { native, xano };
}

const told = ({ native, xano }: Awaited<ReturnType<typeof watchers>>, session = '') => [
  ...native.frames
    .filter(({ type, member }) => type === 'presence' && (member as { session: string }).session === session)
    .map(({ action }) => `native ${action}`),
  ...xano.frames
    .filter(({ action }) => action === 'presence_update')
    .map(({ payload }) => payload as { action: string; presence: { socketId: string } })
    .filter(({ presence }) => presence.socketId === session)
    .map(({ action }) => `xano ${action}`),
];

async function sessionsHere(): Promise<string[]> {
  const { sessions } = await house.server.must('GET', `/apps/test/sessions?channel=${encodeURIComponent(room)}`);
  return (sessions as { id: string }[]).map(({ id }) => id);
}

/** Its connection breaks, and another is made. */
async function breaksAndReturns(client: Client): Promise<void> {
  const lost = new Promise<void>((resolve) => {
    const off = client.on('state', ({ state }) => {
      if (state === 'connected') return;
      off();
      resolve();
    });
  });
  house.breakAll();
  await lost;
  await client.connected();
}

it('nobody is told of a connection that breaks again and again, and private messages find it', async () => {
  const around = await watchers();
  const ada = house.client('ada', quick);
  const channel = ada.channel(room);
  const heard: unknown[] = [];
  channel.on('message', ({ data }) => heard.push(data));
  await channel.join();
  const session = ada.session ?? '';
  await expect.poll(() => told(around, session)).toEqual(['native join', 'xano join']);
  const before = await sessionsHere();
  for (let round = 0; round < 3; round += 1) {
    await breaksAndReturns(ada);
    await channel.join();
    expect(ada.session).toBe(session);
    await around.native.publish(room, round, { to: { session } });
    around.xano.message(room, `${round} by xano`, { socketId: session });
    await expect.poll(() => heard).toContain(`${round} by xano`);
  }
  expect([...heard].filter((data) => typeof data === 'number')).toEqual([0, 1, 2]);
  expect(await sessionsHere()).toEqual(before);
  expect(told(around, session)).toEqual(['native join', 'xano join']);
  ada.close();
  await expect.poll(() => told(around, session)).toEqual(['native join', 'native leave', 'xano join', 'xano leave']);
});

it('a ban while it is away is told as its leave, at once', async () => {
  const around = await watchers();
  const bo = house.client('bo', { backoff: { base: 600_000, max: 600_000 } });
  await bo.channel(room).join();
  const session = bo.session ?? '';
  house.breakAll();
  await expect
    .poll(async () => (await house.server.must('GET', '/apps/test/sessions')).sessions)
    .toContainEqual(expect.objectContaining({ id: session, away: true }));
  expect(await sessionsHere()).toContain(session);
  await house.server.must('POST', '/apps/test/bans', { user: 'bo', reason: 'out' });
  expect(await sessionsHere()).not.toContain(session);
  await expect.poll(() => told(around, session)).toEqual(['native join', 'native leave', 'xano join', 'xano leave']);
});

it('a client of the Xano wire leaves at once, and comes anew', async () => {
  const around = await watchers();
  const xan = await RawClient.open({ port: house.server.port, hash: HASH });
  const joined = await xan.join(room);
  const session = joined.client?.socketId ?? '';
  xan.destroy();
  await expect.poll(() => told(around, session)).toEqual(['native join', 'native leave', 'xano join', 'xano leave']);
});
