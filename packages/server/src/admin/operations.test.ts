import { CODES, TEMPLATES } from '@portcullis/policy';
import * as v from 'valibot';
import { beforeEach, describe, expect, test } from 'vitest';
import { type InProcess, inProcess } from '../in-process.fixture.ts';
import { createAuthenticator } from './authenticate.ts';
import { adminOperations } from './index.ts';

let server: InProcess;
beforeEach(async () => {
  server = await inProcess();
});

const ACK = { epoch: expect.any(Number), timetoken: expect.stringMatching(/^\d{17}$/) };

describe('rules', () => {
  test('are made, read, replaced whole and deleted', async () => {
    const made = await server.admin('POST', '/apps/shop/rules', {
      target: 'room/*',
      nested: true,
      presence: true,
      publicMessaging: { authenticatedOnly: true },
      history: 25,
    });
    expect(made).toMatchObject({
      status: 201,
      body: { origin: 'store', publicMessaging: { enabled: true, authenticatedOnly: true }, enabled: true, ...ACK },
    });
    const { id } = made.body;
    expect(id).toBeGreaterThanOrEqual(1_000_000);
    const path = `/apps/shop/rules/${id}`;
    expect((await server.admin('GET', path)).body).toMatchObject({ id, target: 'room/*', history: 25 });
    const replaced = await server.admin('PUT', path, { target: 'room/*', nested: true });
    expect(replaced.body).toMatchObject({ id, presence: false, history: 0, publicMessaging: { enabled: false } });
    expect(replaced.body.version).toBeGreaterThan(made.body.version);
    expect((await server.admin('DELETE', path)).body).toEqual(ACK);
    expect((await server.admin('GET', path)).status).toBe(404);
  });

  test('are put back as they were read, unless somebody else was quicker', async () => {
    const { body } = await server.admin('POST', '/apps/shop/rules', { target: 'x' });
    const read = (await server.admin('GET', `/apps/shop/rules/${body.id}`)).body;
    const path = `/apps/shop/rules/${body.id}`;
    expect((await server.admin('PUT', path, { ...read, presence: true })).body).toMatchObject({ presence: true });
    expect(await server.admin('PUT', path, read)).toMatchObject({ status: 409, body: { code: 'rule.conflict' } });
    expect(await server.admin('PUT', path, { ...read, id: 1 })).toMatchObject({ status: 400 });
  });

  test.each(Object.entries(TEMPLATES))('the template %s gives its switches', async (template, switches) => {
    const made = await server.admin('POST', '/apps/shop/rules', { template, target: 'from-template' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject(switches);
    const bent = await server.admin('PUT', `/apps/shop/rules/${made.body.id}`, {
      template,
      target: 't',
      presence: false,
    });
    expect(bent.body).toMatchObject({ ...switches, presence: false });
  });

  test('of the file are shown and read-only', async () => {
    const { body } = await server.admin('GET', '/apps/shop/rules');
    expect(body.rules).toMatchObject([{ id: 1, target: 'news', origin: 'file' }]);
    const put = await server.admin('PUT', '/apps/shop/rules/1', { target: 'news' });
    const gone = await server.admin('DELETE', '/apps/shop/rules/1');
    for (const refused of [put, gone]) expect(refused).toMatchObject({ status: 409, body: { code: 'rule.read-only' } });
  });

  test('with one target and nesting there is one that is enabled', async () => {
    const same = await server.admin('POST', '/apps/shop/rules', { target: 'news' });
    expect(same).toMatchObject({ status: 409, body: { code: 'rule.conflict' } });
    expect((await server.admin('POST', '/apps/shop/rules', { target: 'news', enabled: false })).status).toBe(201);
    expect((await server.admin('POST', '/apps/shop/rules', { target: 'news', nested: true })).status).toBe(201);
  });
});

describe('apps', () => {
  const shoe = {
    id: 'shoe',
    connectionHash: 'shoe-hash',
    identity: { jwt: [{ alg: 'HS256', secret: 's'.repeat(40) }] },
  };

  test('are made, changed in part and deleted; the store keeps them', async () => {
    const made = await server.admin('POST', '/apps', shoe);
    expect(made).toMatchObject({ status: 201, body: { id: 'shoe', origin: 'store', enabled: true, ...ACK } });
    const rule = await server.admin('POST', '/apps/shoe/rules', { target: 'x' });
    expect(rule.status).toBe(201);
    const changed = await server.admin('PATCH', '/apps/shoe', { limits: { message: '1KiB' } });
    expect(changed.body).toMatchObject({ limits: { message: 1_024 }, connectionHash: 'shoe-hash' });
    expect(changed.body.identity.jwt).toHaveLength(1);
    expect((await server.admin('PATCH', '/apps/shoe', { limits: null })).body.limits.message).toBe(32_768);
    const { apps } = await server.parts.store.load();
    expect(apps.find(({ app }) => app === 'shoe')).toMatchObject({
      settings: { id: 'shoe' },
      rules: [{ target: 'x' }],
    });

    expect((await server.admin('DELETE', '/apps/shoe')).status).toBe(204);
    expect((await server.admin('GET', '/apps/shoe')).status).toBe(404);
    const again = await server.admin('POST', '/apps', shoe);
    expect(again.status).toBe(201);
    expect((await server.admin('GET', '/apps/shoe/rules')).body.rules).toEqual([]);
  });

  test.each([
    ['an id in use', { id: 'shop' }, 409, 'app.conflict'],
    ['a hash in use', { id: 'x', connectionHash: 'shop-hash' }, 409, 'app.conflict'],
    ['a key in use', { id: 'x', keys: { publish: 'pub-shop' } }, 409, 'app.conflict'],
    ['a bad id', { id: 'X Y' }, 400, 'app.invalid'],
    ['an unknown key in a section', { id: 'x', limits: { mesage: '1KiB' } }, 400, 'app.invalid'],
    [
      'a PEM that is none',
      { id: 'x', identity: { jwt: [{ alg: 'RS256', pem: '-----BEGIN PUBLIC KEY-----\nx' }] } },
      400,
      'app.invalid',
    ],
  ])('%s is refused', async (_, body, status, code) => {
    expect(await server.admin('POST', '/apps', body)).toMatchObject({ status, body: { code } });
    expect(server.parts.engine.has('x')).toBe(false);
  });

  test('a misspelt setting is told with its nearest spelling', async () => {
    const refused = await server.admin('POST', '/apps', { id: 'x', limits: { mesage: '1KiB' } });
    expect(refused.body.errors).toMatchObject([{ path: 'limits.mesage', message: expect.stringContaining('message') }]);
  });

  test('of the file are read-only', async () => {
    for (const refused of [await server.admin('PATCH', '/apps/shop', {}), await server.admin('DELETE', '/apps/shop')]) {
      expect(refused).toMatchObject({ status: 409, body: { code: 'app.read-only' } });
    }
  });
});

describe('what takes away', () => {
  test.each([
    [{ user: 'mallory' }, { type: 'user', user: 'mallory' }],
    [
      { user: 'mallory', channel: 'news' },
      { type: 'user-channel', user: 'mallory', channel: 'news' },
    ],
    [
      { user: 'mallory', issuedBefore: 1_700_000_000 },
      { type: 'user', issuedBefore: 1_700_000_000 },
    ],
    [{ key: 'jwt-1' }, { type: 'key', key: 'jwt-1' }],
    [{ jti: 'abc' }, { type: 'jti', jti: 'abc' }],
    [{ tokenId: 'abc' }, { type: 'token', token: 'abc' }],
    [{ issuedBefore: 1_700_000_000 }, { type: 'issued-before', issuedBefore: 1_700_000_000 }],
  ])('a revocation by %o', async (body, expected) => {
    const made = await server.admin('POST', '/apps/shop/revocations', { ...body, reason: 'left' });
    expect(made).toMatchObject({ status: 201, body: { ids: [expect.any(Number)], ...ACK } });
    const [id] = made.body.ids;
    const list = await server.admin('GET', '/apps/shop/revocations');
    expect(list.body.revocations).toMatchObject([{ id, reason: 'left', ...expected }]);
    expect((await server.admin('DELETE', `/apps/shop/revocations/${id}`)).body).toEqual(ACK);
    expect((await server.admin('DELETE', `/apps/shop/revocations/${id}`)).status).toBe(404);
  });

  test.each([
    [{}],
    [{ user: 'a', key: 'b' }],
    [{ channel: 'news' }],
    [{ key: 'a', issuedBefore: 1 }],
    [{ issuedBefore: Date.now() }],
  ])('a revocation that names not one thing is refused: %o', async (body) => {
    expect(await server.admin('POST', '/apps/shop/revocations', body)).toMatchObject({ status: 400 });
  });

  test('a token is revoked by itself, and later mints are dated after a user’s revocation', async () => {
    const { body: first } = await server.admin('POST', '/apps/shop/tokens', { user: 'ada' });
    const ask = (token: string) =>
      server.admin('POST', '/apps/shop/explain', { operation: 'join', channel: 'news', token });
    expect((await ask(first.token)).body.allowed).toBe(true);
    await server.admin('POST', '/apps/shop/revocations', { token: first.token });
    expect((await ask(first.token)).body).toMatchObject({ allowed: false, code: 'identity.revoked' });

    await server.admin('POST', '/apps/shop/revocations', { user: 'ada' });
    const { body: second } = await server.admin('POST', '/apps/shop/tokens', { user: 'ada' });
    expect((await ask(second.token)).body).toMatchObject({ allowed: true });
  });

  test('a token of nobody’s is refused with its code', async () => {
    const refused = await server.admin('POST', '/apps/shop/revocations', { token: 'no-token' });
    expect(refused.body.code).toBe('identity.malformed');
  });

  test('bans are made and lifted by id, by user, by user and channel', async () => {
    const everywhere = await server.admin('POST', '/apps/shop/bans', { user: 'mallory', reason: 'spam' });
    const here = await server.admin('POST', '/apps/shop/bans', { user: 'mallory', channel: 'news' });
    expect(everywhere).toMatchObject({ status: 201, body: { id: expect.any(Number), ...ACK } });
    expect((await server.admin('GET', '/apps/shop/bans')).body.bans).toHaveLength(2);
    expect((await server.admin('DELETE', '/apps/shop/bans?user=mallory')).body).toEqual(ACK);
    expect((await server.admin('GET', '/apps/shop/bans')).body.bans).toMatchObject([{ id: here.body.id }]);
    expect((await server.admin('DELETE', '/apps/shop/bans', { user: 'mallory', channel: 'news' })).status).toBe(200);
    expect((await server.admin('DELETE', `/apps/shop/bans/${here.body.id}`)).status).toBe(404);
    expect((await server.admin('DELETE', '/apps/shop/bans')).status).toBe(400);
    const past = await server.admin('POST', '/apps/shop/bans', { user: 'm', until: Date.now() - 1_000 });
    expect(past.body.errors).toMatchObject([{ path: 'until' }]);
  });
});

test('a decision is explained, for the anonymous, a user and a token', async () => {
  const ask = async (body: object) => (await server.admin('POST', '/apps/shop/explain', body)).body;
  expect(await ask({ operation: 'join', channel: 'news' })).toMatchObject({ allowed: true, by: { rule: 1 } });
  const refused = await ask({ operation: 'publish', channel: 'news', user: 'ada', joined: true });
  expect(refused).toMatchObject({ allowed: false, code: 'channel.public-messaging-off' });
  expect(refused.fix).toBe(CODES['channel.public-messaging-off'].fix);
  expect(refused.steps.length).toBeGreaterThan(0);
  const forged = await ask({ operation: 'join', channel: 'news', token: 'x.y.z' });
  expect(forged).toMatchObject({ allowed: false, by: { gate: 'identity' }, steps: [{ answer: 'no' }] });
});

test('a grant is minted from names, words and bits; what is wrong with it is told', async () => {
  const made = await server.admin('POST', '/apps/shop/grants', {
    ttl: 60,
    authorizedUser: 'ada',
    resources: { channels: { news: ['read', 'write'], other: 1 } },
    patterns: { channels: { 'room-.*': ['read'] } },
  });
  expect(made).toMatchObject({
    status: 201,
    body: { token: expect.any(String), id: expect.any(String), warnings: [] },
  });
  const bad = await server.admin('POST', '/apps/shop/grants', { ttl: 60, patterns: { channels: { '(': ['read'] } } });
  expect(bad).toMatchObject({ status: 400, body: { code: 'grant.invalid', errors: [expect.anything()] } });
  expect((await server.admin('POST', '/apps/shop/grants', { ttl: 0 })).status).toBe(400);
});

test('an event needs room for its data, and says to whom', async () => {
  const sent = await server.admin('POST', '/apps/shop/events', { channel: 'news', data: [1] });
  expect(sent).toMatchObject({ status: 200, body: { delivered: 0, timetoken: ACK.timetoken } });
  const large = await server.admin('POST', '/apps/shop/events', { channel: 'news', data: 'x'.repeat(33_000) });
  expect(large).toMatchObject({ status: 413, body: { code: 'limit.message' } });
  const row = await server.admin('POST', '/apps/shop/events', { channel: 'news', data: 1, row: 3 });
  expect(row.body.errors).toMatchObject([{ path: 'row' }]);
  const bad = await server.admin('POST', '/apps/shop/events', { channel: 'a*b', data: 1 });
  expect(bad.body.code).toBe('channel.bad-name');
});

test('every call that changes something is in the trail, with who did it', async () => {
  const operations = adminOperations({
    ...server.parts,
    server: () => server.settings.server,
    authenticate: createAuthenticator({ ...server.parts, server: () => server.settings.server }),
    maxBody: () => 1,
    version: '0',
  });
  const asking = new Set(['explain', 'tryTriggers', 'dryRunAction']);
  for (const { method, id, audit } of operations) {
    expect(audit !== null, id).toBe(method !== 'get' && !asking.has(id));
  }
  await server.admin('POST', '/apps/shop/rules', { target: 'trail' });
  await server.admin('POST', '/apps/shop/bans', { user: 'mallory', reason: 'spam' });
  const { body } = await server.admin('GET', '/audit?limit=1');
  expect(body.entries).toMatchObject([
    { app: 'shop', actor: 'admin', action: 'user.banned', detail: { user: 'mallory' } },
  ]);
  const next = await server.admin('GET', `/audit?limit=1&before=${body.next}`);
  expect(next.body.entries).toMatchObject([{ action: 'rule.created', detail: { target: 'trail' } }]);
});

test('refusals are counted by the minute', async () => {
  server.parts.denials.add('shop', 'channel.no-rule', 'anonymous', null);
  server.parts.denials.add('shop', 'channel.no-rule', 'anonymous', null);
  await server.parts.denials.flush();
  const { body } = await server.admin('GET', '/apps/shop/denials');
  expect(body.denials).toMatchObject([{ code: 'channel.no-rule', principal: 'anonymous', rule: null, count: 2 }]);
});

test('every answer is of the shape its operation declares', async () => {
  const shapes = new Map(
    adminOperations({
      ...server.parts,
      server: () => server.settings.server,
      authenticate: () => never(),
      maxBody: () => 1,
      version: '0',
    }).map((one) => [one.id, one.answer]),
  );
  const check = async (id: string, method: string, path: string, body?: unknown) => {
    const answer = await server.admin(method, path, body);
    expect(answer.status, id).toBeLessThan(300);
    const shape = shapes.get(id);
    if (shape) expect(v.safeParse(shape, answer.body).issues, id).toBeUndefined();
    return answer.body;
  };
  await check('createApp', 'POST', '/apps', { id: 'a' });
  await check('changeApp', 'PATCH', '/apps/a', { historyWiden: true });
  await check('getApp', 'GET', '/apps/a');
  await check('listApps', 'GET', '/apps');
  const rule = await check('createRule', 'POST', '/apps/a/rules', { target: 'x' });
  await check('listRules', 'GET', '/apps/a/rules');
  await check('replaceRule', 'PUT', `/apps/a/rules/${rule.id}`, { target: 'x' });
  await check('listChannels', 'GET', '/apps/a/channels');
  await check('listSessions', 'GET', '/apps/a/sessions');
  await check('unsubscribe', 'POST', '/apps/a/unsubscribe', { user: 'u', channel: 'x', for: '5m' });
  await check('listBans', 'GET', '/apps/a/bans');
  await check('explain', 'POST', '/apps/a/explain', {
    operation: 'publish',
    channel: 'x',
    target: { to: 'user', user: 'u' },
  });
  await check('readDenials', 'GET', '/apps/a/denials?minutes=5');
  await check('listKeys', 'GET', '/keys');
});

function never(): never {
  throw new Error('not called');
}
