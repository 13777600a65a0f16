import { beforeEach, describe, expect, test } from 'vitest';
import { type InProcess, inProcess } from '../in-process.fixture.ts';
import { ADMIN_TOKEN, APP_SECRET, JWT_SECRET, ONE_APP } from '../serve.fixture.ts';
import { SCOPE_NAMES } from './scopes.ts';

const TWO_APPS = `${ONE_APP}
  - id: other
    connectionHash: other-hash
    channels: [ { target: theirs } ]
`;

let server: InProcess;
beforeEach(async () => {
  server = await inProcess(TWO_APPS);
});

async function keyWith(app: string | null, ...scopes: string[]): Promise<string> {
  const made = await server.admin('POST', '/keys', { name: 'k', app, scopes });
  expect(made.status).toBe(201);
  return made.body.key;
}

describe('who may call', () => {
  test('nobody without a token, with a wrong one, or with the token elsewhere', async () => {
    for (const token of [null, 'wrong', `${ADMIN_TOKEN}x`, ADMIN_TOKEN.slice(1)]) {
      const { status, body, headers } = await server.admin('GET', '/apps', undefined, { token });
      expect(status).toBe(401);
      expect(body).toMatchObject({ code: 'admin.unauthorised', status: 401 });
      expect(headers.get('content-type')).toBe('application/problem+json');
      expect(headers.get('www-authenticate')).toBe('Bearer');
    }
    const inQuery = await server.request('GET', `/admin/v1/apps?token=${ADMIN_TOKEN}`);
    expect(inQuery.status).toBe(401);
  });

  test('an API key may do what its scopes say and no more', async () => {
    const token = await keyWith('shop', 'read');
    expect((await server.admin('GET', '/apps/shop/rules', undefined, { token })).status).toBe(200);
    const write = await server.admin('POST', '/apps/shop/rules', { target: 'x' }, { token });
    expect(write).toMatchObject({ status: 403, body: { code: 'admin.forbidden' } });
    const trail = await server.admin('GET', '/audit', undefined, { token });
    expect(trail.status).toBe(403);
    const why = await server.admin('POST', '/apps/shop/explain', { operation: 'join', channel: 'news' }, { token });
    expect(why.status).toBe(403);
  });

  test('another app of a key looks like one that does not exist, also where the scope is lacking', async () => {
    const token = await keyWith('shop', 'read', 'rules');
    const foreign = await server.admin('GET', '/apps/other', undefined, { token });
    const missing = await server.admin('GET', '/apps/none', undefined, { token });
    const unscoped = await server.admin('POST', '/apps/other/bans', { user: 'x' }, { token });
    expect(foreign.status).toBe(404);
    expect(foreign.body).toEqual(missing.body);
    expect(unscoped.body).toEqual(missing.body);
    const list = await server.admin('GET', '/apps', undefined, { token });
    expect(list.body.apps.map((app: { id: string }) => app.id)).toEqual(['shop']);
  });

  test('a rule, ban or key of another app is not found by its id', async () => {
    const ban = await server.admin('POST', '/apps/other/bans', { user: 'mallory' });
    const key = await server.admin('POST', '/keys', { name: 'theirs', app: 'other', scopes: ['read'] });
    const token = await keyWith('shop', ...SCOPE_NAMES);
    expect((await server.admin('DELETE', `/apps/shop/bans/${ban.body.id}`, undefined, { token })).status).toBe(404);
    expect((await server.admin('DELETE', `/keys/${key.body.id}`, undefined, { token })).status).toBe(404);
    const listed = await server.admin('GET', '/keys', undefined, { token });
    expect(listed.body.keys.every((shown: { app: string }) => shown.app === 'shop')).toBe(true);
    const trail = await server.admin('GET', '/audit', undefined, { token });
    expect(trail.body.entries.every((entry: { app: string }) => entry.app === 'shop')).toBe(true);
    expect((await server.admin('GET', '/audit?app=other', undefined, { token })).status).toBe(404);
    expect((await server.admin('POST', '/apps', { id: 'third' }, { token })).status).toBe(403);
  });

  test('a key makes no stronger key, and none for another app or for all', async () => {
    const token = await keyWith('shop', 'keys', 'read');
    const same = await server.admin('POST', '/keys', { name: 'a', app: 'shop', scopes: ['read'] }, { token });
    expect(same.status).toBe(201);
    const attempts: [string | null, string[], number][] = [
      ['shop', ['rules'], 403],
      [null, ['read'], 403],
      ['other', ['read'], 404],
    ];
    for (const [app, scopes, status] of attempts) {
      expect((await server.admin('POST', '/keys', { name: 'b', app, scopes }, { token })).status).toBe(status);
    }
  });

  test('a revoked key, an expired key and a key of a deleted app prove nothing', async () => {
    const token = await keyWith('shop', 'read');
    const id = /^pk_([^.]+)\./.exec(token)?.[1] ?? '';
    expect((await server.admin('DELETE', `/keys/${id}`)).status).toBe(204);
    expect((await server.admin('GET', '/apps', undefined, { token })).status).toBe(401);

    const past = Date.now() - 1;
    const expired = await server.admin('POST', '/keys', { name: 'e', app: null, scopes: ['read'], expiresAt: past });
    expect((await server.admin('GET', '/apps', undefined, { token: expired.body.key })).status).toBe(401);

    await server.admin('POST', '/apps', { id: 'short' });
    const theirs = await keyWith('short', 'read');
    await server.admin('DELETE', '/apps/short');
    await server.admin('POST', '/apps', { id: 'short' });
    expect((await server.admin('GET', '/apps/short', undefined, { token: theirs })).status).toBe(401);
  });

  test('with the right id and another secret a key proves nothing', async () => {
    const token = await keyWith('shop', 'read');
    const forged = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    expect((await server.admin('GET', '/apps', undefined, { token: forged })).status).toBe(401);
    expect((await server.admin('GET', '/apps', undefined, { token: token.split('.')[0] ?? '' })).status).toBe(401);
  });

  test('wrong tokens are bounded per address, and then right ones are not looked at either', async () => {
    const peer = { address: '203.0.113.7', local: false };
    const attempt = (token: string) => server.admin('GET', '/apps', undefined, { token, peer });
    for (let n = 0; n < 20; n++) expect((await attempt('wrong')).status).toBe(401);
    const held = await attempt(ADMIN_TOKEN);
    expect(held).toMatchObject({ status: 429, body: { code: 'limit.ratePerAddress' } });
    expect(Number(held.headers.get('retry-after'))).toBeGreaterThan(0);
    const elsewhere = { address: '203.0.113.8', local: false };
    expect((await server.admin('GET', '/apps', undefined, { peer: elsewhere })).status).toBe(200);
  });
});

describe('what is let through to it', () => {
  test('only hosts of its own: a page that had its name point here gets nowhere', async () => {
    for (const host of ['evil.example', 'evil.example:7070', '']) {
      const refused = await server.admin('GET', '/apps', undefined, { headers: { host } });
      expect(refused).toMatchObject({ status: 421, body: { code: 'request.host-not-allowed' } });
    }
    expect((await server.admin('GET', '/apps', undefined, { headers: { host: 'localhost' } })).status).toBe(200);
  });

  test('no foreign origin, and no CORS header for anybody', async () => {
    const foreign = await server.admin('GET', '/apps', undefined, { headers: { origin: 'https://evil.example' } });
    expect(foreign).toMatchObject({ status: 403, body: { code: 'request.origin-not-allowed' } });
    const own = await server.admin('GET', '/apps', undefined, { headers: { origin: 'http://localhost:3000' } });
    expect(own.status).toBe(200);
    const preflight = await server.admin('OPTIONS', '/apps', undefined, {
      headers: { origin: 'http://localhost:3000' },
    });
    expect(preflight).toMatchObject({ status: 405, body: { code: 'request.method-not-allowed' } });
    for (const { headers } of [foreign, own, preflight]) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  test('other methods answer 405 with those that are there', async () => {
    const wrong = await server.admin('PUT', '/apps/shop');
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')?.split(', ').sort()).toEqual(['DELETE', 'GET', 'PATCH']);
  });

  test.each([
    ['not JSON', '{', {}, 400, 'request.malformed'],
    ['of another type', '{}', { 'content-type': 'text/plain' }, 415, 'request.malformed'],
    ['with an unknown key', { target: 'x', hitory: 3 }, {}, 400, 'request.malformed'],
    ['without what is needed', {}, {}, 400, 'request.malformed'],
    ['too large', { target: 'x', description: 'y'.repeat(1_100_000) }, {}, 413, 'limit.maxBody'],
    ['with a bad target', { target: 'a*b' }, {}, 400, 'rule.invalid'],
    ['with too much history', { target: 'x', history: 1_000_000 }, {}, 400, 'rule.invalid'],
  ] as const)('a body %s is refused and says why', async (_, body, headers, status, code) => {
    const refused = await server.admin('POST', '/apps/shop/rules', body, { headers });
    expect(refused).toMatchObject({ status, body: { code } });
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
  });

  test('an error names the field and does not repeat what was sent', async () => {
    const refused = await server.admin('POST', '/apps/shop/tokens', { user: 'ada', ttl: 'secret-text-here!' });
    expect(refused.body.errors).toMatchObject([{ path: 'ttl' }]);
    expect(JSON.stringify(refused.body)).not.toContain('secret-text');
  });

  test('a query parameter that comes twice, or is unknown, is refused', async () => {
    expect((await server.admin('GET', '/apps/shop/sessions?user=a&user=b')).status).toBe(400);
    expect((await server.admin('GET', '/apps/shop/sessions?usr=a')).body.errors).toEqual([
      { path: 'query.usr', message: 'unknown key, did you mean "user"?' },
    ]);
  });
});

test('no answer and no log line holds a secret or a token', async () => {
  const minted = await server.admin('POST', '/apps/shop/tokens', { user: 'ada' });
  const key = await keyWith('shop', 'read', 'rules');
  await server.admin('GET', '/apps/shop', undefined, { token: key });
  await server.admin('POST', '/apps/shop/revocations', { token: minted.body.token });
  const shown = await Promise.all(
    ['/apps', '/apps/shop', '/keys', '/audit', '/apps/shop/revocations'].map((path) => server.admin('GET', path)),
  );
  const said = JSON.stringify([shown.map(({ body }) => body), server.lines]);
  for (const secret of [ADMIN_TOKEN, APP_SECRET, JWT_SECRET, key, key.split('.')[1] ?? '', minted.body.token]) {
    expect(said).not.toContain(secret);
  }
  expect(shown[1]?.body.keys).toMatchObject({ publish: 'pub-shop', secret: { id: expect.stringMatching(/^secret-/) } });
});
