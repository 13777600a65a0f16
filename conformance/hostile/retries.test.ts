import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { HASH, RunningServer } from '../support/server.ts';
import { SdkUser, until } from '../xano/sdk-user.fixture.ts';

/**
 * How often the real SDK knocks again. It waits 1, 2, 4 … 60 seconds between attempts; here its seconds take five
 * milliseconds, so that a storm of several minutes is over in one second.
 */
const FASTER = 200;
/** Two minutes of the SDK's time: room for the attempts after 1, 3, 7, 15, 31, 63 seconds. */
const TWO_MINUTES = 120_000 / FASTER;
const wait = setTimeout;
const pause = (ms: number) => new Promise<void>((resolve) => wait(resolve, ms));

let server: RunningServer;
const met: SdkUser[] = [];

beforeAll(async () => {
  server = await RunningServer.start({
    app: '    channels: [ { target: room, anonymousClients: true, publicMessaging: true } ]\n',
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  for (const one of met.splice(0)) one.leaveForGood();
});
afterAll(() => server?.stop());

function meet(hash: string, token?: string, port = server.port): SdkUser {
  vi.stubGlobal('setTimeout', (fn: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
    wait(fn, ms >= 1_000 ? ms / FASTER : ms, ...args),
  );
  const one = new SdkUser(port, hash, token);
  met.push(one);
  return one;
}

it('a wrong hash: one connection, one error, and quiet', async () => {
  const lost = meet('nobody-has-this-hash');
  const room = await lost.channel('room');
  expect((await room.nextError()).payload.code).toBe('app.unknown-key');
  await pause(TWO_MINUTES);
  expect(lost.sockets).toHaveLength(1);
  expect(lost.socket.closedWith).toBe(4404);
  expect(room.errors).toHaveLength(1);
});

it.each([
  ['a token that is none', 'not-a-token'],
  ['alg none', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEiLCJleHAiOjQxMDI0NDQ4MDB9.'],
])('%s: one connection that stays, one error', async (_, token) => {
  const someone = meet(HASH, token);
  const room = await someone.join('room');
  await pause(TWO_MINUTES);
  expect(someone.sockets).toHaveLength(1);
  expect(someone.socket.closedWith).toBeUndefined();
  expect(room.errors).toHaveLength(1);
});

it('a banned user: one connection, one error, and quiet', async () => {
  const token = await server.tokenFor('banned');
  await server.must('POST', '/apps/test/bans', { user: 'banned' });
  const banned = meet(HASH, token);
  const room = await banned.channel('room');
  expect((await room.nextError()).payload.code).toBe('identity.banned');
  await pause(TWO_MINUTES);
  expect(banned.sockets).toHaveLength(1);
  expect(banned.socket.closedWith).toBe(4403);
});

it('a server that is not there is knocked at again and again, or this counts nothing', async () => {
  const gone = await RunningServer.start();
  await gone.stop();
  const lost = meet(HASH, undefined, gone.port);
  await lost.channel('room');
  await until(() => lost.sockets.length >= 6, 'the SDK has tried six times', TWO_MINUTES * 2);
});
