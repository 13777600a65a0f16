import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ADMIN_TOKEN, configOf, ONE_APP, startServer, type TestServer } from './serve.fixture.ts';
import { StartRefused, serve } from './serve.ts';
import { connectXano } from './xano-client.fixture.ts';

let server: TestServer;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-serve-'));
});
afterEach(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true });
});

const onDisk = (text = ONE_APP) => text.replace('":memory:"', JSON.stringify(folder));

test('from start to a server event in a client’s hands, and away', async () => {
  server = await startServer();
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  const anonymous = await connectXano(server.url, 'shop-hash');
  anonymous.say('join', 'news');
  await anonymous.next('join');
  const sent = await server.admin('POST', '/apps/shop/events', { channel: 'news', data: { hello: 1 } });
  expect(sent).toMatchObject({ status: 200, body: { delivered: 1 } });
  expect((await anonymous.next('event')).payload).toMatchObject({ data: { hello: 1 } });
  const live = await server.admin('GET', '/apps/shop/sessions');
  expect(live.body).toMatchObject({ total: 1, sessions: [{ door: 'xano', address: '127.0.0.1', channels: ['news'] }] });
});

describe('a drain', () => {
  test('tells clients to come back (1012), refuses readiness, and leaves the port', async () => {
    server = await startServer();
    const client = await connectXano(server.url, 'shop-hash');
    const stopped = server.stop();
    const readiness = await fetch(`${server.url}/readyz`).then(
      ({ status }) => status,
      () => 'gone',
    );
    expect([503, 'gone']).toContain(readiness);
    expect(await client.closed).toBe(1012);
    await stopped;
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    expect(server.log.at(-1)).toMatchObject({ event: 'server.stopped' });
    await server.stop();
  });

  test('does not wait for a client that never goes', async () => {
    server = await startServer();
    const deaf = await connectXano(server.url, 'shop-hash');
    deaf.socket.pause();
    const begun = Date.now();
    await server.stop();
    expect(Date.now() - begun).toBeLessThan(4_000);
    deaf.socket.terminate();
  });
});

test('what the API made outlives the process: apps, rules, keys, bans, trail', async () => {
  server = await startServer(onDisk());
  await server.admin('POST', '/apps', { id: 'made', connectionHash: 'made-hash' });
  await server.admin('POST', '/apps/made/rules', { target: 'room', anonymousClients: true });
  await server.admin('POST', '/apps/shop/bans', { user: 'mallory' });
  const { body } = await server.admin('POST', '/keys', { name: 'k', app: 'made', scopes: ['read'] });
  await server.stop();
  server = await startServer(onDisk());
  const client = await connectXano(server.url, 'made-hash');
  client.say('join', 'room');
  await client.next('join');
  expect((await server.admin('GET', '/apps/shop/bans')).body.bans).toMatchObject([{ user: 'mallory' }]);
  expect((await server.admin('GET', '/audit')).body.entries).toHaveLength(4);
  const withKey = { headers: { authorization: `Bearer ${body.key}` } };
  expect((await fetch(`${server.url}/admin/v1/apps/made`, withKey)).status).toBe(200);
});

describe('a start that cannot be', () => {
  const start = (text: string) =>
    serve({
      config: configOf(text),
      reload: () => ({ ok: false, problems: [] }),
      io: { logTo: { write: () => {} }, onHangup: () => () => {}, onFault: () => () => {} },
    });

  test('on a port in use rejects with its reason and leaves nothing open', async () => {
    server = await startServer();
    const port = new URL(server.url).port;
    const taken = onDisk(ONE_APP.replace('port: 0', `port: ${port}`));
    await expect(start(taken)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const second = await start(onDisk());
    await second.stop();
  });

  test('with a file that claims what the store holds says where', async () => {
    server = await startServer(onDisk());
    await server.admin('POST', '/apps', { id: 'made', connectionHash: 'made-hash' });
    await server.stop();
    const refused = start(onDisk(ONE_APP.replace('shop-hash', 'made-hash')));
    await expect(refused).rejects.toBeInstanceOf(StartRefused);
    await expect(refused).rejects.toMatchObject({ problems: [{ path: 'apps.made.connectionHash' }] });
  });
});

test('operators on a port of their own: none of it is on the clients’ port', async () => {
  server = await startServer(ONE_APP.replace('port: 0', 'port: 0, adminPort: 0'));
  expect(server.adminUrl).not.toBe(server.url);
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  expect((await fetch(`${server.url}/admin/v1/apps`, { headers })).status).toBe(404);
  expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
  expect((await fetch(`${server.adminUrl}/admin/v1/apps`, { headers })).status).toBe(200);
  expect((await fetch(`${server.adminUrl}/metrics`)).status).toBe(200);
  for (const url of [server.url, server.adminUrl]) expect((await fetch(`${url}/readyz`)).status).toBe(200);
  const wrongPort = new WebSocket(`${server.adminUrl.replace('http', 'ws')}/rt/shop-hash`);
  await expect(new Promise((resolve, reject) => wrongPort.once('open', resolve).once('error', reject))).rejects.toThrow(
    '404',
  );
});

test('behind a trusted proxy the client’s own address counts; a stranger’s word for it does not', async () => {
  const trusting = ONE_APP.replace('port: 0', 'port: 0, trustedProxies: [127.0.0.1]');
  for (const [text, expected] of [
    [trusting, '203.0.113.9'],
    [ONE_APP, '127.0.0.1'],
  ] as const) {
    server = await startServer(text);
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/rt/shop-hash`, {
      headers: { 'x-forwarded-for': '203.0.113.9' },
    });
    await new Promise((resolve) => socket.once('open', resolve));
    expect((await server.admin('GET', '/apps/shop/sessions')).body).toMatchObject({
      sessions: [{ address: expected }],
    });
    socket.terminate();
    await server.stop();
  }
});

test('connections and attempts have their limits, named in the refusal', async () => {
  server = await startServer(
    ONE_APP.replace('channels:', 'limits: { connections: 1, ratePerAddress: 3 }\n    channels:'),
  );
  const attempt = () =>
    connectXano(server.url, 'shop-hash').then(
      () => 'in',
      (error: Error) => error.message,
    );
  expect(await attempt()).toBe('in');
  expect(await attempt()).toContain('503');
  expect(await attempt()).toContain('503');
  expect(await attempt()).toContain('429');
  const text = await (await fetch(`${server.url}/metrics`)).text();
  expect(text).toContain('portcullis_upgrades_refused_total{code="limit.connections"} 2');
});

const openssl = (() => {
  try {
    return execFileSync('openssl', ['version']).length > 0;
  } catch {
    return false;
  }
})();

// A certificate can only be made with openssl here: Node has no builder for them.
describe.skipIf(!openssl)('TLS (skipped where there is no openssl)', () => {
  const certificate = (name: string) => {
    const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
    const options = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', ...options, '-subj', `/CN=${name}`, '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    });
    return { cert, key };
  };
  const withTls = ({ cert, key }: { cert: string; key: string }) =>
    ONE_APP.replace('port: 0', `port: 0, tls: { cert: ${JSON.stringify(cert)}, key: ${JSON.stringify(key)} }`);
  const presented = () =>
    new Promise<string>((resolve, reject) => {
      const asked = request(`${server.url}/healthz`, { rejectUnauthorized: false, agent: false }, (response) => {
        const { socket } = response;
        resolve(
          'getPeerCertificate' in socket
            ? String((socket as import('node:tls').TLSSocket).getPeerCertificate().subject.CN)
            : '',
        );
        response.resume();
      });
      asked.once('error', reject).end();
    });

  test('serves HTTPS and wss, and takes a renewed certificate at reload', async () => {
    server = await startServer(withTls(certificate('first')));
    expect(server.url).toMatch(/^https:/);
    expect(await presented()).toBe('first');
    const client = await connectXano(server.url, 'shop-hash');
    client.say('join', 'news');
    await client.next('join');
    server.write(withTls(certificate('second')));
    expect(await server.reload()).toEqual([]);
    expect(await presented()).toBe('second');
    server.write(withTls({ cert: join(folder, 'first.pem'), key: join(folder, 'second.key') }));
    expect(await server.reload()).toMatchObject([{ path: 'server.tls' }]);
    expect(await presented()).toBe('second');
  });
});
