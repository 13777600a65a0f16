import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { NativeClient } from '../support/native-client.ts';
import { RawClient } from '../support/raw-client.ts';
import { HASH, RunningServer } from '../support/server.ts';
import { FlappingHook, SECRET } from './flapping-hook.ts';

/** Whoever shows a door a token that proves nothing is told of, through every door. */
interface Denied {
  readonly type: string;
  readonly code: string;
  readonly principal: { readonly kind: string };
  readonly data: {
    readonly operation: string;
    readonly address: string;
    readonly message: string;
    readonly missed: number;
  };
}

let server: RunningServer;
const hook = new FlappingHook();
const taken = () => hook.taken as unknown as Denied[];

beforeAll(async () => {
  hook.failing = 0;
  const url = await hook.open();
  server = await RunningServer.start({
    access: '{ rules: on, grants: off, explainToClients: full }',
    app: `    keys: { publish: pub-test, subscribe: sub-test, secret: conformance-app-secret-0123456789abcdef }
    limits: { deniedPerAddress: 1 }
    channels: [ { target: room, anonymousClients: true, publicMessaging: true } ]
    actions:
      - { name: denied, on: [access.denied], do: [ { webhook: { url: "${url}", secret: ${SECRET} }, envelope: event } ] }
`,
    env: { PORTCULLIS_SERVER_OUTBOUND_PRIVATE: 'allow', PORTCULLIS_SERVER_TRUSTED_PROXIES: '127.0.0.1' },
  });
});
afterAll(async () => {
  await server?.stop();
  await hook.close();
});
beforeEach(() => {
  hook.taken.length = 0;
});

/** A JWT of our form, signed by somebody else. */
const FORGED = `${[
  { alg: 'HS256', typ: 'JWT' },
  { sub: 'mallory', exp: 4_102_444_800 },
]
  .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .join('.')}.c2lnbmVkLWJ5LXNvbWVib2R5LWVsc2Utd2l0aC1hbm90aGVyLWtleQ`;

const from = (address: string) => ({ 'x-forwarded-for': address });
const pubnub = (address: string, query = `auth=${FORGED}`) =>
  fetch(`${server.url}/publish/pub-test/sub-test/0/room/0/%22hi%22?uuid=mallory&${query}`, { headers: from(address) });

const DOORS: Readonly<Record<string, (address: string) => Promise<void>>> = {
  'PubNub, a token': async (address) => expect((await pubnub(address)).status).toBe(403),
  'PubNub, a signature': async (address) => {
    const signed = `signature=v2.c2lnbmVk&timestamp=${Math.floor(Date.now() / 1_000)}`;
    expect((await pubnub(address, signed)).status).toBe(403);
  },
  Xano: async (address) => {
    const client = await RawClient.open({
      port: server.port,
      hash: HASH,
      token: FORGED,
      headers: [`X-Forwarded-For: ${address}`],
    });
    await client.until(({ action }) => action === 'error');
    client.destroy();
  },
  'native, a socket': async (address) => {
    const options = { port: server.port, key: 'sub-test', token: FORGED, headers: [`X-Forwarded-For: ${address}`] };
    await expect(NativeClient.open(options)).rejects.toThrow('identity.bad-signature');
  },
  'native, a publish': async (address) => {
    const answer = await fetch(`${server.url}/v1/publish?key=sub-test`, {
      method: 'POST',
      headers: { ...from(address), authorization: `Bearer ${FORGED}`, 'content-type': 'application/json' },
      body: JSON.stringify({ channel: 'room', data: 'hi' }),
    });
    expect(answer.status).toBe(403);
  },
};

it.each(Object.entries(DOORS).map(([door, come], n) => ({ door, come, address: `192.0.2.${n + 1}` })))(
  'a proof that is none is told of, with its address: $door',
  async ({ come, address }) => {
    await come(address);
    await expect.poll(() => taken().length, { timeout: 10_000 }).toBe(1);
    expect(taken()).toMatchObject([
      {
        type: 'access.denied',
        code: 'identity.bad-signature',
        principal: { kind: 'anonymous' },
        data: { operation: 'connect', address },
      },
    ]);
  },
);

it('one address is told of so often a second, others beside it, and what was left out is counted', async () => {
  const flood = 60;
  await Promise.all(Array.from({ length: flood }, () => pubnub('198.51.100.1')));
  let asked = flood;
  await pubnub('198.51.100.2');
  asked += 1;
  await expect.poll(() => taken().some(({ data }) => data.address === '198.51.100.2'), { timeout: 10_000 }).toBe(true);
  const counted = () => taken().reduce((sum, { data }) => sum + 1 + data.missed, 0);
  // When one more is told, it says of all that were not.
  const untold = async () => {
    const left = asked - counted();
    if (left > 0) {
      await pubnub('198.51.100.3');
      asked += 1;
    }
    return left;
  };
  await expect.poll(untold, { timeout: 30_000, interval: 500 }).toBe(0);
  expect(taken().length).toBeLessThan(asked);
});
