import { TEMPLATES } from '@portcullis/policy';
import { beforeEach, describe, expect, test } from 'vitest';
import { type InProcess, inProcess } from '../in-process.fixture.ts';
import { ADMIN_TOKEN, APP_SECRET, JWT_SECRET } from '../serve.fixture.ts';
import { seedPlaygrounds } from './seed.ts';

const demo = (server = '') => `
server: { host: 127.0.0.1, port: 0, adminToken: ${ADMIN_TOKEN} ${server} }
data: ":memory:"
apps:
  - id: demo
    connectionHash: demo-hash
    access: { rules: on, grants: off }
    keys: { secret: sec-demo-of-the-tests-0123456789abcdef }
    identity: { jwt: [ { alg: HS256, secret: demo-jwt-secret-of-the-tests-0123456789 } ] }
`;
/** The same with secrets that are no examples of ours. */
const own = (text: string) =>
  text
    .replace('demo-hash', 'own-hash')
    .replace('sec-demo-of-the-tests-0123456789abcdef', APP_SECRET)
    .replace('demo-jwt-secret-of-the-tests-0123456789', JWT_SECRET);

let server: InProcess;
beforeEach(async () => {
  server = await inProcess(demo());
});

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  server.request('POST', `/playground/${path}`, { body, headers });

describe('files', () => {
  test('the page, its parts and the bundles of both clients, with a policy that lets nothing else in', async () => {
    for (const [path, type] of [
      ['/', 'text/html; charset=utf-8'],
      ['/playground/client.html', 'text/html; charset=utf-8'],
      ['/playground/css/base.css', 'text/css; charset=utf-8'],
      ['/playground/js/main.js', 'text/javascript; charset=utf-8'],
      ['/playground/mark.svg', 'image/svg+xml'],
      ['/playground/xano.min.js', 'text/javascript; charset=utf-8'],
      ['/playground/portcullis.min.js', 'text/javascript; charset=utf-8'],
    ] as const) {
      const { status, headers } = await server.request('GET', path);
      expect(status, path).toBe(200);
      expect(headers.get('content-type'), path).toBe(type);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-cache');
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'self'; connect-src 'self' ws://127.0.0.1:7070 wss://127.0.0.1:7070; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; object-src 'none'",
      );
    }
  });

  test.each([
    '..%2fpackage.json',
    '../../../package.json',
    'js/types.d.ts',
    'js',
    '%00',
    'mock.fixture.mjs',
    '__proto__',
  ])('nothing else: %s', async (path) => {
    expect((await server.request('GET', `/playground/${path}`)).status).toBe(404);
  });
});

test('its configuration names the five channels, each under its template’s rule', async () => {
  const { body } = await server.request('GET', '/playground/config.json');
  expect(body).toMatchObject({ app: 'demo', hash: 'demo-hash' });
  expect(body.channels.map(({ template }: { template: string }) => template)).toEqual(Object.keys(TEMPLATES));
  for (const { template, target, channel, rule } of body.channels) {
    expect(channel.startsWith(target.slice(0, -1))).toBe(true);
    expect(rule).toMatchObject({ ...TEMPLATES[template as keyof typeof TEMPLATES], enabled: true, origin: 'store' });
    expect(rule.history).toBe(template === 'members-with-direct-messages' ? 0 : 25);
  }
  expect(body.users.length).toBeGreaterThanOrEqual(2);
  const codes = await server.request('GET', '/playground/codes.json');
  expect(codes.body).toContainEqual(expect.objectContaining({ code: 'channel.no-rule', http: 403 }));
});

test('a token is for the people of the playground, and is short-lived', async () => {
  const { status, body } = await post('token', { user: 'ada' });
  expect(status).toBe(200);
  expect(body.expiresAt - Date.now()).toBeLessThanOrEqual(16 * 60_000);
  const known = await server.parts.identities.identify('demo', { token: body.token });
  expect(known).toMatchObject({ ok: true, principal: { kind: 'user', user: 'ada', extras: { name: 'Ada' } } });
  expect(await post('token', { user: 'mallory' })).toMatchObject({ status: 404, body: { code: 'not-found' } });
});

test('a switch is turned on the road of every change, and the others keep their places', async () => {
  const turned = await post('rule', {
    template: 'members-with-direct-messages',
    changes: { privateMessaging: false, anonymousClients: true },
  });
  expect(turned.body.rule).toMatchObject({
    anonymousClients: true,
    privateMessaging: { enabled: false, authenticatedOnly: true },
    authenticatedMessaging: true,
  });
  const back = await post('rule', { template: 'members-with-direct-messages', reset: true });
  expect(back.body.rule).toMatchObject(TEMPLATES['members-with-direct-messages']);
  expect(back.body.rule.version).toBeGreaterThan(turned.body.rule.version);
  const trail = await server.admin('GET', '/audit?limit=2');
  expect(trail.body.entries).toMatchObject([
    { actor: 'playground', action: 'rule.replaced' },
    { actor: 'playground', action: 'rule.replaced' },
  ]);
});

test('an event goes to the five channels and no others', async () => {
  const sent = await post('event', { channel: 'notifications/lobby', data: { text: 'hello' } });
  expect(sent).toMatchObject({ status: 200, body: { delivered: 0 } });
  expect((await post('event', { channel: 'elsewhere', data: 1 })).status).toBe(404);
});

test('bad bodies, foreign pages and foreign hosts are refused', async () => {
  expect((await post('token', { user: 'ada', more: 1 })).status).toBe(400);
  expect((await post('rule', { template: 'open-chat', changes: { target: 'x' } })).status).toBe(400);
  expect((await post('event', { channel: 'open-chat/lobby', data: 'x'.repeat(17_000) })).status).toBe(413);
  expect((await post('token', '{"user":"ada"}', { 'content-type': 'text/plain' })).status).toBe(415);
  expect((await post('token', { user: 'ada' }, { origin: 'https://evil.example' })).status).toBe(403);
  expect((await post('token', { user: 'ada' }, { host: 'evil.example' })).status).toBe(421);
});

test('the rules it made are in the trail', async () => {
  const { body } = await server.admin('GET', '/apps/demo/rules');
  const made = body.rules.map(({ id, target }: { id: number; target: string }) => ({ rule: id, target }));
  const trail = await server.admin('GET', '/audit');
  expect(trail.body.entries.map(({ at: _, id: __, ...entry }: { at: number; id: number }) => entry).reverse()).toEqual(
    made.map((detail: object) => ({ app: 'demo', actor: 'playground', action: 'rule.created', detail })),
  );
});

test('the rules it made are not made again, nor what somebody deleted', async () => {
  const { body } = await server.admin('GET', '/apps/demo/rules');
  await server.admin('DELETE', `/apps/demo/rules/${body.rules[0].id}`);
  await seedPlaygrounds(server.parts.apps.list(), server.settings.server, server.parts);
  expect((await server.admin('GET', '/apps/demo/rules')).body.rules).toHaveLength(4);
});

describe('where it is not', () => {
  const paths = ['/playground/', '/playground/client.html', '/playground/config.json', '/playground/codes.json'];
  test.each([
    ['switched off', demo(', playground: off')],
    ['another app', demo().replace('id: demo', 'id: mine')],
    ['no connection hash', demo().replace('connectionHash: demo-hash', 'enabled: true')],
    ['open to the network', own(demo(', playground: auto')).replace('127.0.0.1', '0.0.0.0')],
    ['an app `demo` with secrets of its own', own(demo())],
    ['… behind a proxy', own(demo(', trustedProxies: [127.0.0.1]'))],
    ['… of which the JWT key alone is its own', own(demo()).replace(APP_SECRET, 'sec-demo')],
    [
      '… of which the secret key alone is its own',
      own(demo()).replace(JWT_SECRET, 'demo-jwt-0123456789abcdef0123456789'),
    ],
  ])('%s: every path is 404, and nothing is made', async (_, text) => {
    server = await inProcess(text);
    for (const path of paths) expect((await server.request('GET', path)).status, path).toBe(404);
    expect((await post('token', { user: 'ada' })).status).toBe(404);
    const root = await server.request('GET', '/');
    expect(root).toMatchObject({ status: 200, body: expect.stringContaining('This is Portcullis') });
    expect(root.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(root.body).not.toMatch(/demo|mine|hash/);
    const [app] = server.parts.apps.list();
    expect(server.parts.engine.rules(app?.config.id ?? '')).toEqual([]);
    expect((await server.admin('GET', '/audit')).body.entries).toEqual([]);
  });

  test('and nobody comes to it through a proxy', async () => {
    server = await inProcess(demo(', playground: auto'));
    const peer = { address: '203.0.113.9', local: false };
    for (const path of paths) expect((await server.request('GET', path, { peer })).status, path).toBe(404);
  });

  test('unless the operator wants it there', async () => {
    server = await inProcess(own(demo(', playground: on')).replace('127.0.0.1', '0.0.0.0'));
    expect((await server.request('GET', '/')).status).toBe(200);
    expect(server.parts.engine.rules('demo')).toHaveLength(5);
  });
});
