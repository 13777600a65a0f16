import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ONE_APP, startServer, type TestServer } from '../serve.fixture.ts';
import { connectXano } from '../xano-client.fixture.ts';
import { type Hook, openHook, WEBHOOK_SECRET } from './webhook.fixture.ts';

let hook: Hook;
let server: TestServer;

const actions = (url: string) => `    actions:
      - name: denied-to-webhook
        on: [access.denied]
        filter: { cel: 'event.channel.startsWith("secret/")' }
        do: [ { webhook: { url: "${url}", secret: ${WEBHOOK_SECRET} } } ]
      - name: changes
        on: [rule.*, ban.*, grant.created, user.*, membership.*, reaction.*, presence.*, group.changed]
        do: [ { id: hook, webhook: { url: "${url}", secret: ${WEBHOOK_SECRET} }, envelope: event } ]
`;
const file = (url: string) =>
  ONE_APP.replace('port: 0,', 'port: 0, outbound: { private: allow },').replace(
    '      - { target: news, anonymousClients: true }\n',
    `      - { target: news, anonymousClients: true, publicMessaging: true, presence: true, history: 10 }\n${actions(url)}`,
  );

beforeEach(async () => {
  hook = await openHook();
  server = await startServer(file(hook.url));
});
afterEach(async () => {
  await server.stop();
  await hook.close();
});

const types = () => hook.received.map(({ body }) => body.type);
const listener = (url: string, more: object = {}) => ({
  name: 'made',
  on: ['event.sent'],
  do: [
    { webhook: { url, secret: WEBHOOK_SECRET }, envelope: 'event', retry: { attempts: 2, base: '10ms', max: '10ms' } },
  ],
  ...more,
});

test('a denied attempt that the filter takes is posted, signed; others are not', async () => {
  const client = await connectXano(server.url, 'shop-hash');
  client.say('join', 'elsewhere');
  client.say('join', 'secret/plans');
  await expect.poll(() => hook.received.length).toBe(1);
  const [{ body, text, headers }] = hook.received as [Hook['received'][number]];
  new Webhook(WEBHOOK_SECRET).verify(text, headers as Record<string, string>);
  expect(body).toMatchObject({
    specversion: '1.0',
    type: 'access.denied',
    app: 'shop',
    channel: 'secret/plans',
    code: 'channel.no-rule',
    data: {
      id: headers['webhook-id'],
      at: expect.any(Number),
      principal: { kind: 'anonymous', user: '' },
      code: 'channel.no-rule',
      data: { operation: 'join', missed: 0 },
    },
  });
});

test('changes of authority, grants and presence are told with who was behind them', async () => {
  await server.admin('POST', '/apps/shop/rules', { target: 'lobby', anonymousClients: true });
  await server.admin('POST', '/apps/shop/bans', { user: 'mallory', reason: 'rude' });
  await server.admin('POST', '/apps/shop/grants', { ttl: 5, resources: { channels: { lobby: ['read'] } } });
  const client = await connectXano(server.url, 'shop-hash');
  client.say('join', 'news');
  await client.next('join');
  await expect.poll(types).toEqual(['rule.created', 'ban.created', 'grant.created', 'presence.joined']);
  expect(hook.received.slice(0, 3).map(({ body }) => body.principal.name)).toEqual(['admin', 'admin', 'admin']);
  expect(hook.received[1]?.body.data).toMatchObject({ user: 'mallory', reason: 'rude' });
});

test('listeners are made, shown without their secrets, replaced and deleted; those of the file are read-only', async () => {
  const made = await server.admin('POST', '/apps/shop/actions', listener(hook.url));
  expect(made).toMatchObject({
    status: 201,
    body: { name: 'made', origin: 'store', do: [{ id: 'webhook', webhook: { url: hook.url, secret: '(hidden)' } }] },
  });
  expect(await server.admin('POST', '/apps/shop/actions', listener(hook.url))).toMatchObject({
    status: 409,
    body: { code: 'listener.conflict' },
  });
  await server.admin('POST', '/apps/shop/events', { channel: 'news', data: { n: 1 } });
  await expect.poll(types).toEqual(['event.sent']);
  const replaced = await server.admin('PUT', '/apps/shop/actions/made', listener(hook.url, { enabled: false }));
  expect(replaced).toMatchObject({ status: 200, body: { enabled: false } });
  await server.admin('POST', '/apps/shop/events', { channel: 'news', data: { n: 2 } });
  const list = await server.admin('GET', '/apps/shop/actions');
  expect((list.body.actions as { name: string }[]).map(({ name }) => name)).toEqual([
    'denied-to-webhook',
    'changes',
    'made',
  ]);
  expect(await server.admin('DELETE', '/apps/shop/actions/made')).toMatchObject({ status: 204 });
  expect(await server.admin('GET', '/apps/shop/actions/made')).toMatchObject({ status: 404 });
  expect(await server.admin('DELETE', '/apps/shop/actions/changes')).toMatchObject({
    status: 409,
    body: { code: 'listener.read-only' },
  });
  expect(types()).toEqual(['event.sent']);
});

test.each([
  [{ on: ['access.deneid'] }, 'on', 'did you mean "access.denied"'],
  [{ filter: { cel: 'event.chanel == ""' } }, 'filter.cel', 'did you mean "channel"'],
  [{ filter: { jsonpath: '@.x' } }, 'filter.jsonpath', 'expected the form'],
  [{ filter: { cel: 'true', jsonpath: '$' } }, 'filter', 'takes one of'],
  [{ do: [] }, 'do', 'is empty'],
  [{ do: [{}] }, 'do.1', 'says nothing that is done'],
  [{ do: [{ webhook: { url: 'http://127.0.0.1:1/', secret: 'short' } }] }, 'do.1.webhook.secret', 'whsec_'],
  [{ do: [{ kafka: { brokers: ['nowhere'], topic: 't' } }] }, 'do.1.kafka.brokers', 'expected a list'],
  [{ do: [{ webhok: {} }] }, 'do.1.webhok', 'did you mean "webhook"'],
])('a listener that is not valid is refused with the field: %j', async (more, path, message) => {
  const refused = await server.admin('POST', '/apps/shop/actions', listener(hook.url, more));
  expect(refused).toMatchObject({ status: 400, body: { code: 'listener.invalid' } });
  expect(refused.body.errors).toEqual(expect.arrayContaining([{ path, message: expect.stringContaining(message) }]));
});

test('what was given up is listed without its payload, shown when asked, played again, deleted', async () => {
  await server.admin('POST', '/apps/shop/actions', listener(hook.url));
  hook.answer(500);
  for (const n of [1, 2]) await server.admin('POST', '/apps/shop/events', { channel: 'news', data: { n } });
  const letters = async (query = '') => (await server.admin('GET', `/apps/shop/dead-letters${query}`)).body;
  await expect.poll(async () => (await letters()).total).toBe(2);
  const [newest, older] = (await letters()).letters as { id: number }[];
  expect(newest).toMatchObject({ action: 'made/webhook', channel: 'news', attempts: 2, reason: 'answered 500' });
  expect(newest).not.toHaveProperty('event');
  expect((await letters('?payloads=true&limit=1')).letters).toMatchObject([{ event: { data: { message: { n: 2 } } } }]);
  hook.answer(200);
  const before = hook.received.length;
  expect(await server.admin('POST', '/apps/shop/dead-letters/replay', { letters: [older?.id] })).toMatchObject({
    body: { replayed: 1 },
  });
  await expect.poll(() => hook.received.length).toBe(before + 1);
  expect(await server.admin('POST', '/apps/shop/dead-letters/delete', { letters: [newest?.id] })).toMatchObject({
    body: { deleted: 1 },
  });
  expect(await letters()).toMatchObject({ total: 0, letters: [] });
  const { body } = await server.admin('GET', '/apps/shop/action-runs?action=made');
  expect((body.runs as { outcome: string }[])[0]).toMatchObject({
    outcome: 'done',
    attempt: 1,
    events: [{ type: 'event.sent' }],
  });
  expect((body.runs as object[])[0]).not.toHaveProperty('input');
});

test('a dry run says what a listener would take, of a sample and of what really happened', async () => {
  const dry = (body: object) => server.admin('POST', '/apps/shop/action-dry-run', body);
  const sample = { type: 'access.denied', channel: 'secret/x', code: 'channel.no-rule' };
  expect(await dry({ action: 'denied-to-webhook', sample })).toMatchObject({
    body: { taken: 1, events: [{ why: 'taken' }] },
  });
  expect(await dry({ action: 'denied-to-webhook', sample: { ...sample, channel: 'x' } })).toMatchObject({
    body: { taken: 0, events: [{ why: 'filter' }] },
  });
  const wanted = listener(hook.url, { filter: { cel: 'event.data.message.n > 1.0' } });
  expect(await dry({ listener: wanted })).toMatchObject({ body: { events: [] } });
  for (const n of [1, 2]) await server.admin('POST', '/apps/shop/events', { channel: 'news', data: { n } });
  expect(await dry({ listener: wanted })).toMatchObject({
    body: { taken: 1, events: [{ why: 'filter' }, { why: 'taken' }] },
  });
  expect(hook.received).toEqual([]);
});

test('an action publishes to a channel, and a listener that hears its own output stops', async () => {
  await server.admin('POST', '/apps/shop/actions', {
    name: 'echo',
    on: ['event.sent', 'message.published'],
    do: [{ publish: { channel: 'news', data: '{"echo": event.data.message}' } }],
  });
  const client = await connectXano(server.url, 'shop-hash');
  client.say('join', 'news');
  await client.next('join');
  await server.admin('POST', '/apps/shop/events', { channel: 'news', data: { n: 1 } });
  expect(await client.next('event')).toMatchObject({ payload: { data: { n: 1 } } });
  expect(await client.next('event')).toMatchObject({ payload: { data: { echo: { n: 1 } } } });
  await server.admin('POST', '/apps/shop/events', { channel: 'news', data: { n: 2 } });
  expect(await client.next('event')).toMatchObject({ payload: { data: { n: 2 } } });
});

test('the metrics say what waits and what became of the rest', async () => {
  await server.admin('POST', '/apps/shop/actions', listener(hook.url));
  await server.admin('POST', '/apps/shop/events', { channel: 'news', data: { n: 1 } });
  await expect.poll(() => hook.received.length).toBe(1);
  const metrics = async () => (await fetch(`${server.adminUrl}/metrics`)).text();
  await expect.poll(metrics).toContain('portcullis_action_done_total{app="shop",action="made/webhook"} 1');
  expect(await metrics()).toContain('portcullis_action_waiting{app="shop",action="made/webhook"} 0');
});

test('listeners of a changed file are heard from the reload on', async () => {
  server.write(file(hook.url).replace('secret/', 'hidden/'));
  expect(await server.reload()).toEqual([]);
  const client = await connectXano(server.url, 'shop-hash');
  client.say('join', 'secret/plans');
  client.say('join', 'hidden/plans');
  await expect.poll(() => hook.received.map(({ body }) => body.channel)).toEqual(['hidden/plans']);
});

test('without private addresses allowed, a webhook to one is no valid configuration', async () => {
  const { loadText } = await import('../config/index.ts');
  const loaded = loadText({ text: file(hook.url).replace('outbound: { private: allow },', ''), env: {}, flags: {} });
  expect(loaded.ok ? [] : loaded.problems).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        path: 'apps.shop.actions.denied-to-webhook.do.1.webhook.url',
        message: expect.stringContaining('server.outbound.private'),
      }),
    ]),
  );
});
