import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, APP_SECRET, JWT_SECRET, ONE_APP, startServer, type TestServer } from './serve.fixture.ts';
import { connectXano } from './xano-client.fixture.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.stop());

const events = () => server.log.map(({ event }) => event);

describe('a changed file', () => {
  test('takes effect on live sessions: who loses a channel is told which and why', async () => {
    const client = await connectXano(server.url, 'shop-hash');
    client.say('join', 'news');
    await client.next('join');
    server.write(ONE_APP.replace('anonymousClients: true', 'anonymousClients: false'));
    expect(await server.reload()).toEqual([]);
    expect(await client.next('error')).toMatchObject({
      options: { channel: 'news' },
      payload: { code: 'channel.anonymous-not-allowed' },
    });
    expect(await client.next('leave')).toMatchObject({ options: { channel: 'news' } });
  });

  test('is read at SIGHUP, and is in the trail', async () => {
    server.write(ONE_APP.replace('target: news', 'target: olds'));
    server.hangUp();
    await expect.poll(events).toContain('config.reloaded');
    const rules = await server.admin('GET', '/apps/shop/rules');
    expect(rules.body.rules).toMatchObject([{ target: 'olds' }]);
    const trail = await server.admin('GET', '/audit');
    expect(trail.body.entries).toMatchObject([{ actor: 'file', action: 'config.reloaded' }]);
  });

  test('that is bad is refused whole: its problems are logged and nothing changes', async () => {
    server.write(ONE_APP.replace('target: news', 'target: olds').replace('drainTimeout', 'drainTimeuot'));
    const problems = await server.reload();
    expect(problems).toMatchObject([{ path: 'server.drainTimeuot' }]);
    expect(server.log.find(({ event }) => event === 'config.refused')?.problem).toContain(
      'did you mean "drainTimeout"?',
    );
    const rules = await server.admin('GET', '/apps/shop/rules');
    expect(rules.body.rules).toMatchObject([{ target: 'news' }]);
  });

  test('that claims what an app of the API has is refused whole', async () => {
    await server.admin('POST', '/apps', { id: 'made', connectionHash: 'made-hash' });
    await server.admin('POST', '/apps/shop/rules', { target: 'x' });
    server.write(ONE_APP.replace('shop-hash', 'made-hash').replace('target: news', 'target: x'));
    const problems = await server.reload();
    expect(problems.map(({ path }) => path).sort()).toEqual([
      'apps.made.connectionHash',
      'apps.shop.channels.0.target',
    ]);
    expect((await server.admin('GET', '/apps/shop')).body).toMatchObject({ connectionHash: 'shop-hash' });
  });

  test('brings and takes apps; what is kept of one that left waits for its return', async () => {
    const client = await connectXano(server.url, 'shop-hash');
    await server.admin('POST', '/apps/shop/bans', { user: 'mallory' });
    server.write(
      ONE_APP.replace('id: shop', 'id: other').replaceAll('-shop', '-other').replace('shop-hash', 'other-hash'),
    );
    expect(await server.reload()).toEqual([]);
    expect(await client.closed).toBe(4403);
    expect((await server.admin('GET', '/apps/shop')).status).toBe(404);
    expect((await server.admin('GET', '/apps/other')).status).toBe(200);
    expect((await server.admin('POST', '/apps', { id: 'shop' })).body.code).toBe('app.conflict');
    server.write(ONE_APP);
    await server.reload();
    expect((await server.admin('GET', '/apps/shop/bans')).body.bans).toMatchObject([{ user: 'mallory' }]);
  });

  test('with another key cuts whom the old one proved, and nobody else', async () => {
    const minted = await server.admin('POST', '/apps/shop/tokens', { user: 'ada' });
    const ada = await connectXano(server.url, 'shop-hash', String(minted.body.token));
    // Only once it has joined is it sure that the old key has proved it.
    ada.say('join', 'news');
    await ada.next('join');
    const nobody = await connectXano(server.url, 'shop-hash');
    nobody.say('join', 'news');
    await nobody.next('join');
    server.write(ONE_APP.replace(JWT_SECRET, `${JWT_SECRET}-rotated`));
    await server.reload();
    expect(await ada.closed).toBe(4401);
    await server.admin('POST', '/apps/shop/events', { channel: 'news', data: 1 });
    expect(await nobody.next('event')).toMatchObject({ payload: { data: 1 } });
    const fresh = await server.admin('POST', '/apps/shop/tokens', { user: 'ada' });
    const again = await connectXano(server.url, 'shop-hash', String(fresh.body.token));
    again.say('join', 'news');
    expect(await again.next('join')).toMatchObject({ client: { permissions: { row_id: 'ada' } } });
  });

  test('changes the admin token at once, and says which keys need a restart', async () => {
    const rotated = ADMIN_TOKEN.toUpperCase();
    server.write(ONE_APP.replace(ADMIN_TOKEN, rotated).replace('port: 0', 'port: 1'));
    await server.reload();
    expect((await server.admin('GET', '/apps')).status).toBe(401);
    expect(server.log.find(({ event }) => event === 'config.restart-needed')).toMatchObject({ keys: ['server.port'] });
  });
});

describe('what needs a restart', () => {
  const named = () =>
    server.log.filter(({ event }) => event === 'config.restart-needed').map(({ keys }) => keys as readonly string[]);
  const explained = async () => (await server.admin('GET', '/apps/shop')).body.access;

  test('is named at every reload until the file says again what runs', async () => {
    for (const text of [
      ONE_APP.replace('port: 0', 'port: 1'),
      ONE_APP.replace('port: 0', 'port: 1').replace('500ms', '400ms'),
      ONE_APP.replace('500ms', '400ms'),
      ONE_APP.replace('":memory:"', './elsewhere'),
      ONE_APP.replace('port: 0', 'port: 0, adminPort: 1, tls: { cert: nowhere.pem, key: nowhere.key }'),
    ]) {
      server.write(text);
      expect(await server.reload()).toEqual([]);
    }
    expect(named()).toEqual([['server.port'], ['server.port'], ['data'], ['server.adminPort', 'server.tls']]);
  });

  test('counts for nothing before it: a host beyond loopback in the file alone hides no code', async () => {
    expect(await explained()).toMatchObject({ explainToClients: 'full' });
    server.write(ONE_APP.replace('host: 127.0.0.1', 'host: 0.0.0.0'));
    expect(await server.reload()).toEqual([]);
    expect(named()).toEqual([['server.host']]);
    expect(await explained()).toMatchObject({ explainToClients: 'full' });
  });

  test('counts for nothing before it: a loopback host in the file alone loosens nothing', async () => {
    const open = ONE_APP.replace('host: 127.0.0.1', 'host: 0.0.0.0');
    await server.stop();
    server = await startServer(open);
    expect(await explained()).toMatchObject({ explainToClients: 'short' });
    server.write(ONE_APP);
    expect(await server.reload()).toEqual([]);
    expect(await explained()).toMatchObject({ explainToClients: 'short' });
    server.write(ONE_APP.replace(APP_SECRET, 'short'));
    expect(await server.reload()).toMatchObject([
      {
        path: 'apps.shop.keys.secret',
        message: 'has fewer than 32 characters, which is refused beyond loopback (server.host is 0.0.0.0)',
      },
    ]);
  });
});

test('a fault that nothing caught is logged and counted, and the server goes on', async () => {
  server.fault(new Error('left over'));
  expect(server.log.find(({ event }) => event === 'process.fault')).toMatchObject({ error: { message: 'left over' } });
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  expect(await (await fetch(`${server.url}/metrics`)).text()).toContain('portcullis_faults_total 1');
});
