import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NativeClient } from '../support/native-client.ts';
import { HASH, RunningServer } from '../support/server.ts';
import { Listening, SdkUser, until } from '../xano/sdk-user.fixture.ts';

/** What the SDK sends in one go when it connects: more in all than may come from a client that is in no channel. */
const LARGE = Array.from({ length: 4 }, (_, n) => ({ n, text: 'x'.repeat(30_000) }));
const KEY = 'sub-queued';

let hook: Server;
let server: RunningServer;
/** Joins that the endpoint was asked about and has not answered. */
const asked: ServerResponse[] = [];
const users: SdkUser[] = [];

beforeAll(async () => {
  hook = createServer((request, response) => {
    request.resume();
    asked.push(response);
  }).listen(0, '127.0.0.1');
  await once(hook, 'listening');
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hook`;
  server = await RunningServer.start({
    env: { PORTCULLIS_SERVER_OUTBOUND_PRIVATE: 'allow' },
    access: '{ rules: on, grants: off, explainToClients: full }',
    app: `    keys: { subscribe: ${KEY} }
    channels:
      - { target: open, anonymousClients: true, publicMessaging: true }
      - { target: asked/*, nested: true, anonymousClients: true, publicMessaging: true }
    triggers:
      - { channel: asked/*, on: [join], steps: [ { http: { url: "${url}", secret: whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=, timeout: 5s } } ] }
`,
  });
});
afterAll(async () => {
  for (const user of users) user.leaveForGood();
  await server?.stop();
  hook?.closeAllConnections();
  hook?.close();
});

async function answer(allow: boolean): Promise<void> {
  await until(() => asked.length > 0, 'the endpoint is asked');
  asked.shift()?.end(JSON.stringify({ allow }));
}

/** A user of the SDK who writes into a channel while the connection is only being made. */
function queueing(channel: string): { readonly user: SdkUser; readonly listening: Listening } {
  const user = new SdkUser(server.port, HASH);
  users.push(user);
  const listening = new Listening(user.client.channel(channel, { queueOfflineActions: true }), channel);
  for (const payload of LARGE) listening.channel.message(payload);
  return { user, listening };
}

test('what the SDK queued behind a join that a trigger is asked about arrives once it is admitted', async () => {
  const { user, listening } = queueing('asked/1');
  await until(() => asked.length > 0 && user.socket.bufferedAmount === 0, 'all was sent');
  await answer(true);
  await until(() => listening.payloads().length === LARGE.length, 'all is heard');
  expect(listening.payloads()).toEqual(LARGE);
  expect([user.sockets.length, user.socket.closedWith]).toEqual([1, undefined]);
});

test('and is refused where it is not, on a connection that goes on', async () => {
  const { user, listening } = queueing('asked/2');
  await until(() => asked.length > 0 && user.socket.bufferedAmount === 0, 'all was sent');
  await answer(false);
  expect((await listening.nextError()).payload).toMatchObject({ code: 'trigger.blocked' });
  await listening.nextError(1 + LARGE.length);
  const other = await user.join('open');
  other.channel.message('small');
  expect((await other.next('message')).payload).toBe('small');
  expect([user.sockets.length, user.socket.closedWith]).toEqual([1, undefined]);
});

test('a native client that says all in one go is answered in order', async () => {
  const client = await NativeClient.open({ port: server.port, key: KEY });
  const join = client.ask({ type: 'join', channel: 'asked/3' });
  const said = LARGE.map((data) => client.ask({ type: 'publish', channel: 'asked/3', data }));
  await answer(true);
  await client.until(({ id }) => id === said.at(-1));
  const answers = client.frames.filter(({ type }) => type === 'joined' || type === 'published');
  expect(answers.map(({ id }) => id)).toEqual([join, ...said]);
  client.destroy();
});
