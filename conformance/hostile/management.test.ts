import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN } from '../support/server.ts';
import { Target } from './unharmed.fixture.ts';

/** Every refusal of the management API: a status, a code, problem details. What it repeats of the caller's text is nothing secret. */
const MARK = 'zebra-secret-0123456789abcdef0123456789';
const GRANT_SECRET = 'granting-secret-0123456789abcdef0123456789';

let target: Target;

beforeAll(async () => {
  target = await Target.start('    channels: [ { target: room, anonymousClients: true, publicMessaging: true } ]\n');
  target.neverSay(MARK, GRANT_SECRET);
  await target.server.must('POST', '/apps', {
    id: 'granting',
    keys: { publish: 'pub-g', subscribe: 'sub-g', secret: GRANT_SECRET },
    access: { rules: false, grants: true },
  });
});
afterAll(() => target?.server.stop());

interface Call {
  readonly method?: string;
  readonly path: string;
  /** Sent as it is; an object is sent as JSON. */
  readonly body?: string | Uint8Array | object;
  readonly headers?: Readonly<Record<string, string>>;
}

async function call({ method = 'POST', path, body, headers = {} }: Call): Promise<Response> {
  const sent =
    body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  return fetch(`${target.server.url}${path.startsWith('/admin') ? path : `/admin/v1${path}`}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json', ...headers },
    ...(sent === undefined ? {} : { body: sent }),
  });
}

async function expectProblem(answer: Response, status: number, code: string): Promise<Record<string, unknown>> {
  const text = await answer.text();
  expect([answer.status, answer.headers.get('content-type')], text).toEqual([status, 'application/problem+json']);
  const problem = JSON.parse(text);
  expect(problem).toMatchObject({ status, code, title: expect.any(String), detail: expect.any(String) });
  expect(text).not.toContain(MARK);
  return problem;
}

const RULES = '/apps/test/rules';
const EVENTS = '/apps/test/events';
const GRANTS = '/apps/granting/grants';
const deepJson = (levels: number) => `{"channel":"room","data":${'['.repeat(levels)}${']'.repeat(levels)}}`;

describe('who may not ask', () => {
  it.each([
    ['no token', { authorization: '' }, 401, 'admin.unauthorised'],
    ['a wrong token', { authorization: `Bearer ${MARK}` }, 401, 'admin.unauthorised'],
    ['the token with a letter more', { authorization: `Bearer ${ADMIN_TOKEN}x` }, 401, 'admin.unauthorised'],
    [
      'the token with a letter less',
      { authorization: `Bearer ${ADMIN_TOKEN.slice(0, -1)}` },
      401,
      'admin.unauthorised',
    ],
    ['the token as a password', { authorization: `Basic ${btoa(`admin:${ADMIN_TOKEN}`)}` }, 401, 'admin.unauthorised'],
    ['the token without a scheme', { authorization: ADMIN_TOKEN }, 401, 'admin.unauthorised'],
    ['a page of elsewhere', { origin: 'https://evil.example' }, 403, 'request.origin-not-allowed'],
    ['a page without an origin', { origin: 'null' }, 403, 'request.origin-not-allowed'],
  ])('%s', async (_, headers, status, code) => {
    await expectProblem(await call({ method: 'GET', path: '/apps', headers }), status, code);
  });

  it('answers give no other page leave to read them', async () => {
    const answer = await call({ method: 'GET', path: '/apps', headers: { origin: 'http://localhost:3000' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('what is not there', () => {
  it.each<[string, Call, number, string]>([
    ['an unknown path', { method: 'GET', path: '/nowhere' }, 404, 'not-found'],
    ['the API itself', { method: 'GET', path: '/admin/v1' }, 404, 'not-found'],
    ['another version', { method: 'GET', path: '/admin/v2/apps' }, 404, 'not-found'],
    ['a path climbed to', { method: 'GET', path: '/apps/..%2f..%2fhealthz' }, 404, 'not-found'],
    ['an unknown app', { method: 'GET', path: '/apps/nobody' }, 404, 'not-found'],
    ['an app of the prototype', { method: 'GET', path: '/apps/__proto__' }, 404, 'not-found'],
    ['the store’s own entry', { method: 'GET', path: '/apps/~keys' }, 404, 'not-found'],
    ['a rule of an unknown app', { path: '/apps/nobody/rules', body: { target: 'a' } }, 404, 'not-found'],
    ['an unknown rule', { method: 'GET', path: `${RULES}/999999` }, 404, 'not-found'],
    ['a rule whose id is no number', { method: 'GET', path: `${RULES}/1e0` }, 404, 'not-found'],
    ['a rule past every number', { method: 'DELETE', path: `${RULES}/99999999999999999999` }, 404, 'not-found'],
    ['an unknown session', { method: 'DELETE', path: '/apps/test/sessions/nobody' }, 404, 'not-found'],
    ['an unknown ban', { method: 'DELETE', path: '/apps/test/bans/77' }, 404, 'not-found'],
    ['a broken escape', { method: 'GET', path: '/apps/%ff%fe' }, 404, 'not-found'],
    ['PATCH on a rule', { method: 'PATCH', path: `${RULES}/1`, body: {} }, 405, 'request.method-not-allowed'],
    ['DELETE on all rules', { method: 'DELETE', path: RULES }, 405, 'request.method-not-allowed'],
    ['PUT on apps', { method: 'PUT', path: '/apps', body: {} }, 405, 'request.method-not-allowed'],
    ['GET on events', { method: 'GET', path: EVENTS }, 405, 'request.method-not-allowed'],
    ['OPTIONS', { method: 'OPTIONS', path: '/apps' }, 405, 'request.method-not-allowed'],
    ['a method nobody knows', { method: 'BREW', path: '/apps' }, 400, 'request.malformed'],
  ])('%s', async (_, given, status, code) => {
    const answer = await call(given);
    if (status === 405) expect(answer.headers.get('allow')).toMatch(/^[A-Z]+(?:, [A-Z]+)*$/);
    await expectProblem(answer, status, code);
  });
});

describe('bodies', () => {
  it.each<[string, Call, number, string]>([
    [
      'plain text',
      { path: RULES, body: '{"target":"a"}', headers: { 'content-type': 'text/plain' } },
      415,
      'request.malformed',
    ],
    [
      'a form',
      { path: RULES, body: 'target=a', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'request.malformed',
    ],
    [
      'a type that only ends like JSON',
      { path: RULES, body: {}, headers: { 'content-type': 'application/x-json' } },
      415,
      'request.malformed',
    ],
    ['no type', { path: RULES, body: '{"target":"a"}', headers: { 'content-type': '' } }, 415, 'request.malformed'],
    ['nothing', { path: RULES, body: '' }, 400, 'request.malformed'],
    ['no JSON', { path: RULES, body: `{"target":${MARK}` }, 400, 'request.malformed'],
    ['JSON cut short', { path: RULES, body: '{"target":"a"' }, 400, 'request.malformed'],
    ['what is not UTF-8', { path: RULES, body: Buffer.from([0x22, 0xff, 0x22]) }, 400, 'request.malformed'],
    ['UTF-16', { path: RULES, body: Buffer.from('{"target":"a"}', 'utf16le') }, 400, 'request.malformed'],
    ['an array', { path: RULES, body: [] }, 400, 'request.malformed'],
    ['null', { path: RULES, body: 'null' }, 400, 'request.malformed'],
    ['a text', { path: RULES, body: `"${MARK}"` }, 400, 'request.malformed'],
    ['an unknown key', { path: RULES, body: { target: 'a', [MARK.slice(0, 5)]: MARK } }, 400, 'request.malformed'],
    [
      'a key of the prototype',
      { path: RULES, body: '{"target":"a","__proto__":{"enabled":false}}' },
      400,
      'request.malformed',
    ],
    ['another one', { path: RULES, body: '{"target":"a","constructor":{}}' }, 400, 'request.malformed'],
    [
      'a megabyte and more',
      { path: EVENTS, body: { channel: 'room', data: 'x'.repeat(1_100_000) } },
      413,
      'limit.maxBody',
    ],
    ['eight megabytes', { path: EVENTS, body: 'x'.repeat(8_000_000) }, 413, 'limit.maxBody'],
    [
      'data over a message’s limit',
      { path: EVENTS, body: { channel: 'room', data: 'é'.repeat(16_384) } },
      413,
      'limit.message',
    ],
    ['data nested deeper than a message may be', { path: EVENTS, body: deepJson(33) }, 400, 'limit.messageDepth'],
    ['data nested 10 000 deep', { path: EVENTS, body: deepJson(10_000) }, 400, 'limit.messageDepth'],
    ['data nested 400 000 deep', { path: EVENTS, body: deepJson(400_000) }, 400, 'limit.messageDepth'],
    ['a number past every double', { path: EVENTS, body: '{"channel":"room","data":1e999}' }, 400, 'request.malformed'],
    ['a channel that may not be', { path: EVENTS, body: { channel: 'a\u0000b', data: 1 } }, 400, 'channel.bad-name'],
    ['a lone surrogate for a channel', { path: EVENTS, body: { channel: '\ud800', data: 1 } }, 400, 'channel.bad-name'],
    ['a channel too long', { path: EVENTS, body: { channel: 'é'.repeat(128), data: 1 } }, 400, 'channel.bad-name'],
    ['a row without its table', { path: EVENTS, body: { channel: 'room', data: 1, row: 1 } }, 400, 'request.malformed'],
    [
      'settings nested 100 000 deep',
      { path: '/apps', body: `{"id":"deep","limits":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}` },
      400,
      'app.invalid',
    ],
    [
      'extras nested 100 000 deep',
      { path: '/apps/test/tokens', body: `{"user":"a","extras":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}` },
      413,
      'limit.extras',
    ],
    [
      'a meta nested 100 000 deep',
      {
        path: GRANTS,
        body: `{"ttl":1,"resources":{"channels":{"a":["read"]}},"meta":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
      },
      400,
      'grant.invalid',
    ],
    ['a ttl past every date', { path: '/apps/test/tokens', body: { user: 'a', ttl: 1e300 } }, 400, 'request.malformed'],
    ['a negative ttl', { path: '/apps/test/tokens', body: { user: 'a', ttl: -1 } }, 400, 'request.malformed'],
    [
      'a token that is none, to revoke',
      { path: '/apps/test/revocations', body: { token: MARK } },
      400,
      'identity.malformed',
    ],
    ['a revocation of nothing', { path: '/apps/test/revocations', body: {} }, 400, 'request.malformed'],
    ['a ban that has ended', { path: '/apps/test/bans', body: { user: 'a', until: 1 } }, 400, 'request.malformed'],
    [
      'a query that repeats itself',
      { method: 'GET', path: '/apps/test/sessions?user=a&user=b' },
      400,
      'request.malformed',
    ],
    ['a query nobody knows', { method: 'GET', path: '/apps/test/sessions?users=a' }, 400, 'request.malformed'],
    [
      'an operation nobody knows',
      { path: '/apps/test/explain', body: { operation: 'conquer' } },
      400,
      'request.malformed',
    ],
    [
      'secrets too short to keep',
      { path: '/apps', body: { id: 'weak', identity: { jwt: [{ alg: 'HS256', secret: 'zebra' }] } } },
      400,
      'app.invalid',
    ],
    ['an app in capitals', { path: '/apps', body: { id: 'Loud' } }, 400, 'app.invalid'],
    ['an app that is there', { path: '/apps', body: { id: 'test' } }, 409, 'app.conflict'],
    ['an app of the file', { method: 'PATCH', path: '/apps/test', body: { enabled: false } }, 409, 'app.read-only'],
    ['a rule of the file', { method: 'DELETE', path: `${RULES}/1` }, 409, 'rule.read-only'],
  ])('%s', async (_, given, status, code) => {
    await expectProblem(await call(given), status, code);
  });

  it('at the limits, they are taken', async () => {
    const data = 'é'.repeat(16_383);
    expect((await call({ path: EVENTS, body: { channel: 'room', data } })).status).toBe(200);
    expect((await call({ path: EVENTS, body: deepJson(32) })).status).toBe(200);
  });
});

describe('targets of rules', () => {
  it.each([
    ['an asterisk without `nested`', { target: 'a*' }],
    ['a comma', { target: 'a,b' }],
    ['NUL', { target: 'a\u0000' }],
    ['a lone surrogate', { target: 'a\udfff' }],
    ['what is not composed', { target: 'e\u0301' }],
    ['a presence channel', { target: 'a-pnpres' }],
    ['256 bytes', { target: 'é'.repeat(128) }],
    ['a history past the app’s', { target: 'a', history: 1_001 }],
  ])('%s', async (_, body) => {
    const problem = await expectProblem(await call({ path: RULES, body }), 400, 'rule.invalid');
    expect(problem.errors).toMatchObject([{ path: expect.any(String), message: expect.any(String) }]);
  });

  it('those that would take for ever elsewhere are matched at once', async () => {
    const made: unknown[] = [];
    for (const pattern of ['*a'.repeat(120), `${'*a'.repeat(120)}*`, '*'.repeat(200), `${'*/'.repeat(100)}*`]) {
      made.push((await makeNested(pattern)).id);
      for (const channel of ['a'.repeat(254), `${'a'.repeat(253)}!`, 'a/'.repeat(127), '/'.repeat(255)]) {
        const began = performance.now();
        await target.server.must('POST', '/apps/test/explain', { operation: 'join', channel, anonymous: true });
        expect(performance.now() - began).toBeLessThan(500);
      }
    }
    for (const id of made) await target.server.must('DELETE', `${RULES}/${id}`);
  });

  const makeNested = (pattern: string) => target.server.must('POST', RULES, { target: pattern, nested: true });

  it('two for the same channels', async () => {
    const { id } = await target.server.must('POST', RULES, { target: 'twice/*', nested: true });
    await expectProblem(await call({ path: RULES, body: { target: 'twice/*', nested: true } }), 409, 'rule.conflict');
    await target.server.must('DELETE', `${RULES}/${id}`);
  });
});

describe('patterns of grants', () => {
  const withPattern = (pattern: string) => ({ ttl: 1, patterns: { channels: { [pattern]: ['read'] } } });

  it.each([
    ['a bracket that never closes', '[a'],
    ['a group that never closes', '(a'],
    ['a repetition of nothing', '*a'],
    ['a look ahead', '(?=a)b'],
    ['a look behind', '(?<=a)b'],
    ['a back reference', '(a)\\1'],
    ['a repetition out of bounds', 'a{1000000}'],
    ['repetitions of repetitions', '((a{1000}){1000}){1000}'],
    ['a pattern of 100 000 letters', 'a'.repeat(100_000)],
    ['nothing', ''],
    ['a range that runs backwards', '[z-a]'],
    ['an escape at the end', 'a\\'],
  ])('%s is refused, named and placed', async (_, pattern) => {
    const problem = await expectProblem(await call({ path: GRANTS, body: withPattern(pattern) }), 400, 'grant.invalid');
    expect(problem.errors).toMatchObject([{ path: expect.stringContaining('patterns'), message: expect.any(String) }]);
  });

  it.each([
    ['bits out of range', { ttl: 1, resources: { channels: { a: 256 } } }],
    ['nothing at all', { ttl: 1 }],
    [
      '10 000 names',
      {
        ttl: 1,
        resources: { channels: Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`channel-${n}`, 1])) },
      },
    ],
    [
      '10 000 patterns',
      {
        ttl: 1,
        patterns: { channels: Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`channel-${n}`, 1])) },
      },
    ],
  ])('%s is refused', async (_, body) => {
    await expectProblem(await call({ path: GRANTS, body }), 400, 'grant.invalid');
  });

  it('those that blow up elsewhere are decided at once', async () => {
    for (const pattern of ['(?:a+)+$', '(?:a|aa)+$', '(?:.*a){12}', '(?:a|a?)+$', '(?:[a-zA-Z]+)*$']) {
      const { token } = await target.server.must('POST', GRANTS, withPattern(pattern));
      target.neverSay(String(token));
      const began = performance.now();
      await target.server.must('POST', '/apps/granting/explain', {
        operation: 'subscribe',
        channel: `${'a'.repeat(254)}!`,
        token,
      });
      expect(performance.now() - began).toBeLessThan(500);
    }
  });
});

it('wrong tokens hold off only who sends them, for a while', async () => {
  const wrong = { authorization: `Bearer ${MARK}` };
  const codes = new Set<number>();
  for (let n = 0; n < 40; n += 1) codes.add((await call({ method: 'GET', path: '/apps', headers: wrong })).status);
  expect([...codes]).toEqual([401, 429]);
  const held = await call({ method: 'GET', path: '/apps', headers: wrong });
  expect(Number(held.headers.get('retry-after'))).toBeGreaterThan(0);
  await expectProblem(held, 429, 'limit.ratePerAddress');
  await expect
    .poll(async () => (await call({ method: 'GET', path: '/apps' })).status, { timeout: 8_000, interval: 250 })
    .toBe(200);
});

it('afterwards the server answers, holds no more memory than stated, and its log gives nothing away', async () => {
  await target.expectUnharmed();
});
