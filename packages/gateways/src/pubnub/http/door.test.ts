import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Answer, Call, Endpoint } from './call.ts';
import { Stage } from './door.fixture.ts';
import { begin, respond } from './respond.fixture.ts';

/** Answers with what it was asked. */
const ECHO: readonly Endpoint[] = [
  {
    method: 'POST',
    path: '/v1/files/{sub}/echo/{channel}',
    handle: async (call) => say({ ...shown(call), body: await call.body() }),
  },
  { method: 'GET', path: '/v1/files/{sub}/echo/{channel}', handle: (call) => say(shown(call)) },
  { method: 'GET', path: '/v1/files/{sub}/echo/literal', handle: () => say('literal') },
  { method: 'GET', path: '/v1/files/{sub}/names/{channelsCsv}', handle: (call) => say(call.names('channelsCsv')) },
  { method: 'GET', path: '/v1/files/{sub}/servers', callers: 'server', handle: () => say('served') },
  {
    method: 'GET',
    path: '/v1/files/{sub}/waits',
    handle: (call) =>
      new Promise<Answer>((resolve) => {
        call.waitFor({ gone: () => resolve(say('aborted')) });
      }),
  },
  {
    method: 'GET',
    path: '/v1/files/{sub}/fails',
    handle: () => {
      throw new Error('sec-c-1');
    },
  },
  { method: 'GET', path: '/v1/files/{sub}/fails-later', handle: () => Promise.reject(new Error('sec-c-1')) },
];
const say = (content: unknown): Answer => ({ status: 200, type: 'json', body: JSON.stringify(content) });
const shown = ({ params, uuid, query, principal, method }: Call) => ({
  channel: params.channel,
  uuid,
  method,
  sort: query.all('sort'),
  list: query.list('list'),
  kind: principal.kind,
});

const open = (options = {}) => Stage.open({ endpoints: ECHO, access: { grants: false, open: true }, ...options });
let stage: Stage;
const get = (target: string, headers = {}) => respond(stage.door, 'GET', target, { headers });
const post = (body: string | Uint8Array, headers = {}, target = '/v1/files/sub-c-1/echo/a') =>
  respond(stage.door, 'POST', target, { headers, body });

afterEach(() => expect(stage.faults).toEqual([]));

describe('addresses', () => {
  it.each([
    ['a%2Fb', 'a/b'],
    ['a%252Fb', 'a%2Fb'],
    ['a+b', 'a+b'],
    ['%C3%A9%3F%23', 'é?#'],
    ['.', '.'],
    ['%2e%2e', '..'],
    ['__proto__', '__proto__'],
  ])('splits raw and decodes once: %s is %s', async (raw, channel) => {
    stage = await open();
    expect((await get(`/v1/files/sub-c-1/echo/${raw}`)).json).toMatchObject({ channel });
  });

  it.each([
    [',', []],
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    ['a%2Cb,c', ['a,b', 'c']],
    ['a,,b', ['a', '', 'b']],
  ])('splits the list %s before decoding it', async (raw, names) => {
    stage = await open();
    expect((await get(`/v1/files/sub-c-1/names/${raw}`)).json).toEqual(names);
  });

  it('prefers a literal segment to a parameter, for its own method alone', async () => {
    stage = await open();
    expect((await get('/v1/files/sub-c-1/echo/literal')).json).toBe('literal');
    expect((await post('x', {}, '/v1/files/sub-c-1/echo/literal')).json).toMatchObject({ channel: 'literal' });
  });

  it('reads parameters: decoded once, a plus is a space, repeated ones all', async () => {
    stage = await open();
    const target = '/v1/files/sub-c-1/echo/a?uuid=u+1%2B&sort=name%3Aasc&sort=age&list=x%2Cy,z&&novalue';
    expect((await get(target)).json).toMatchObject({ uuid: 'u 1+', sort: ['name:asc', 'age'], list: ['x', 'y', 'z'] });
  });

  it('takes targets in absolute form', async () => {
    stage = await open();
    expect(stage.door.handles('http://h/time/0?x')).toBe(true);
    expect((await get('http://h:1/v1/files/sub-c-1/echo/a')).status).toBe(200);
  });

  it.each([
    '/',
    '/v1/publish',
    '/v1/connect',
    '/v1/stream',
    '/admin/v1/apps',
    '/rt/x',
    '/timely',
    '/console',
    '//time/0',
  ])('leaves %s to others', async (path) => {
    stage = await open();
    expect(stage.door.handles(path)).toBe(false);
  });
});

/** [what, method, target, status, code, a part of the body] */
const REFUSALS: readonly (readonly [string, string, string, number, string, object | unknown[]])[] = [
  [
    'unknown key',
    'GET',
    '/v2/history/sub-key/nope/channel/a',
    400,
    'app.unknown-key',
    { message: 'Invalid Subscribe Key', error: true, service: 'Access Manager', status: 400 },
  ],
  [
    'unknown key of a publish',
    'GET',
    '/publish/pub-c-1/nope/0/a/0/1',
    400,
    'app.unknown-key',
    [0, 'Invalid Key', '17000000000000000'],
  ],
  [
    'publish key of nobody',
    'GET',
    '/publish/nope/sub-c-1/0/a/0/1',
    400,
    'app.unknown-key',
    [0, 'Invalid Key', '17000000000000000'],
  ],
  [
    'unknown key of a signal',
    'GET',
    '/signal/pub-c-1/nope/0/a/0/1',
    400,
    'app.unknown-key',
    [0, 'Invalid Key', '17000000000000000'],
  ],
  [
    'unknown key of an action',
    'GET',
    '/v1/message-actions/nope/channel/a',
    400,
    'app.unknown-key',
    { status: 400, error: { message: 'Invalid Subkey', source: 'actions' } },
  ],
  [
    'nothing there',
    'GET',
    '/v2/presence/nothing',
    404,
    'not-found',
    { status: 404, error: true, message: 'Resource not found' },
  ],
  [
    'nothing there, files',
    'GET',
    '/v1/files/sub-c-1/nothing',
    404,
    'not-found',
    { status: 404, error: { message: 'Resource not found', source: 'files' } },
  ],
  [
    'another method',
    'PUT',
    '/v1/files/sub-c-1/echo/a',
    405,
    'request.method-not-allowed',
    { status: 405, error: { message: 'Method Not Allowed' } },
  ],
  ['HEAD of what may wait', 'HEAD', '/v1/files/sub-c-1/echo/a', 405, 'request.method-not-allowed', {}],
  ['bad encoding in the path', 'GET', '/v1/files/sub-c-1/echo/%', 400, 'request.malformed', { status: 400 }],
  ['bad UTF-8 in the path', 'GET', '/v1/files/sub-c-1/echo/%ff', 400, 'request.malformed', { status: 400 }],
  ['bad UTF-8 in a list', 'GET', '/v1/files/sub-c-1/names/a,%c3', 400, 'request.malformed', { status: 400 }],
  ['UTF-8 cut by a comma', 'GET', '/v1/files/sub-c-1/names/%c3,%a9', 400, 'request.malformed', { status: 400 }],
  ['bad encoding in the query', 'GET', '/v1/files/sub-c-1/echo/a?x=%zz', 400, 'request.malformed', { status: 400 }],
  [
    'bad encoding of a parameter’s name',
    'GET',
    '/v1/files/sub-c-1/echo/a?%zz=x',
    400,
    'request.malformed',
    { status: 400 },
  ],
  ['an empty segment', 'GET', '/v1/files/sub-c-1/echo/', 400, 'request.malformed', { status: 400 }],
  [
    'an empty user id',
    'GET',
    '/v1/files/sub-c-1/echo/a?uuid=',
    400,
    'request.malformed',
    { message: 'Invalid UUID', status: 400 },
  ],
  ...['uuid', 'auth', 'signature', 'timestamp'].map(
    (name) =>
      [
        `a second ${name}`,
        'GET',
        `/v1/files/sub-c-1/echo/a?${name}=x&%${name.charCodeAt(0).toString(16)}${name.slice(1)}=x`,
        400,
        'request.malformed',
        { error: { message: `The parameter ${name} comes more than once.` } },
      ] as const,
  ),
  [
    'for servers',
    'GET',
    '/v1/files/sub-c-1/servers?uuid=u',
    403,
    'operation.server-only',
    { message: 'Signature is missing', status: 403 },
  ],
  [
    'push',
    'GET',
    '/v1/push/sub-key/sub-c-1/devices/d',
    403,
    'operation.not-enabled',
    { status: 403, message: 'Push notifications are not offered here.' },
  ],
  [
    'push, second version',
    'GET',
    '/v2/push/sub-key/sub-c-1/devices-apns2/d/remove',
    403,
    'operation.not-enabled',
    { status: 403 },
  ],
  [
    'grants to keys',
    'GET',
    '/v2/auth/grant/sub-key/sub-c-1?r=1',
    403,
    'operation.not-enabled',
    { status: 403, service: 'Access Manager', error: true },
  ],
  [
    'audits',
    'GET',
    '/v2/auth/audit/sub-key/sub-c-1',
    403,
    'operation.not-enabled',
    { status: 403, service: 'Access Manager' },
  ],
  ['functions', 'POST', '/v1/blocks/sub-key/sub-c-1/x', 403, 'operation.not-enabled', { status: 403 }],
  [
    'a token of nobody',
    'GET',
    '/v1/files/sub-c-1/echo/a?auth=hello',
    403,
    'identity.malformed',
    { message: 'Token is malformed', error: true, service: 'Access Manager', status: 403 },
  ],
];

describe('refusals', () => {
  it.each(REFUSALS)('%s: %s %s → %i %s', async (_, method, target, status, code, body) => {
    stage = await open();
    const answer = await respond(stage.door, method, target);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('x-portcullis-code')).toBe(code);
    expect(answer.headers.get('content-type')).toMatch(/javascript|json/);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    if (method === 'HEAD') expect(answer.text).toBe('');
    else if (Array.isArray(body)) expect(answer.json).toEqual(body);
    else expect(answer.json).toMatchObject({ ...body, ...(Array.isArray(answer.json) ? {} : { code }) });
  });

  it('names the methods that there are', async () => {
    stage = await open();
    const answer = await respond(stage.door, 'PUT', '/v1/files/sub-c-1/echo/a');
    expect(answer.headers.get('allow')).toBe('POST, GET, OPTIONS');
  });

  it('tells nobody of its own faults, and logs them by route', async () => {
    stage = await open();
    for (const path of ['fails', 'fails-later']) {
      const answer = await get(`/v1/files/sub-c-1/${path}?auth=`);
      expect(answer.status).toBe(500);
      expect(answer.json).toMatchObject({ code: 'server.fault', status: 500 });
      expect(answer.text).not.toContain('sec-c-1');
    }
    expect(stage.faults).toMatchObject([{ route: '/v1/files/{sub}/fails' }, { route: '/v1/files/{sub}/fails-later' }]);
    stage.faults.length = 0;
  });

  it('says who asked too often', async () => {
    stage = await open({ admit: () => 'limit.ratePerAddress' });
    const answer = await get('/v1/files/sub-c-1/echo/a');
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.json).toMatchObject({ status: 429, error: { message: 'Too Many Requests' } });
    const signed = await respond(stage.door, 'POST', stage.signed('POST', '/v3/pam/sub-c-1/grant', '{}'), {
      body: '{}',
    });
    expect([signed.status, signed.headers.get('retry-after')]).toEqual([429, '1']);
    expect((await get('/time/0')).status).toBe(200);
  });
});

describe('addresses that are too long', () => {
  const line = (target: string) => `GET ${target} HTTP/1.1`.length;
  const ofLength = (length: number) => {
    const target = '/v1/files/sub-c-1/echo/a?x=';
    return `${target}${'y'.repeat(length - line(target))}`;
  };

  it.each([
    [32_768, 200],
    [32_769, 414],
  ])('%i bytes → %i', async (length, status) => {
    stage = await open();
    const target = ofLength(length);
    expect(line(target)).toBe(length);
    const answer = await get(target);
    expect(answer.status).toBe(status);
    if (status === 414)
      expect(answer.json).toMatchObject({ code: 'limit.maxUrl', error: { message: 'Request URI Too Long' } });
  });

  it('are as long as the app says, and no app’s as long as the default', async () => {
    stage = await open({ settings: { maxUrl: 1_000 } });
    expect((await get(ofLength(1_001))).status).toBe(414);
    expect((await get(ofLength(40_000).replace('sub-c-1', 'nope'))).status).toBe(414);
    expect((await get(`/v2/history/${'x'.repeat(40_000)}`)).status).toBe(414);
  });
});

describe('bodies', () => {
  const text = JSON.stringify({ text: 'é'.repeat(1_000) });

  it.each([
    ['plain', Buffer.from(text), {}],
    ['deflate', deflateSync(text), { 'content-encoding': 'deflate' }],
    ['deflate without its header', deflateRawSync(text), { 'content-encoding': 'deflate' }],
    ['gzip', gzipSync(text), { 'content-encoding': ' GZIP ' }],
    ['deflate that is called gzip', deflateSync(text, { level: 2 }), { 'content-encoding': 'gzip' }],
    ['gzip that is called deflate', gzipSync(text), { 'content-encoding': 'deflate' }],
    ['identity', Buffer.from(text), { 'content-encoding': 'identity' }],
  ])('%s', async (_, body, headers) => {
    stage = await open();
    expect((await post(body, headers)).json).toMatchObject({ body: text, method: 'POST' });
  });

  const limit = 32_768 + 32_768;
  const bomb = (size: number) => deflateSync(Buffer.alloc(size, 'a'));

  it.each([
    ['at the limit', Buffer.alloc(limit, 'a'), {}, 200, ''],
    ['over it', Buffer.alloc(limit + 1, 'a'), {}, 413, 'limit.bodyEnvelope'],
    ['over it, and no length given', Buffer.alloc(limit + 1, 'a'), { 'content-length': '' }, 413, 'limit.bodyEnvelope'],
    ['inflated at the limit', bomb(limit), { 'content-encoding': 'deflate' }, 200, ''],
    ['inflated over it', bomb(limit + 1), { 'content-encoding': 'deflate' }, 413, 'limit.bodyEnvelope'],
    ['inflated without end', bomb(50_000_000), { 'content-encoding': 'deflate' }, 413, 'limit.bodyEnvelope'],
    [
      'inflated without end, gzip',
      gzipSync(Buffer.alloc(50_000_000)),
      { 'content-encoding': 'gzip' },
      413,
      'limit.bodyEnvelope',
    ],
    ['not inflatable', Buffer.from('hello'), { 'content-encoding': 'gzip' }, 400, 'request.malformed'],
    ['cut', deflateSync(text).subarray(0, 20), { 'content-encoding': 'deflate' }, 400, 'request.malformed'],
    ['another encoding', Buffer.from('x'), { 'content-encoding': 'br' }, 415, 'request.malformed'],
    ['two encodings', Buffer.from('x'), { 'content-encoding': 'gzip, deflate' }, 415, 'request.malformed'],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}, 400, 'request.malformed'],
  ])('%s', async (_, body, headers, status, code) => {
    stage = await open();
    const answer = await post(body, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('x-portcullis-code') ?? '').toBe(code);
  });

  it('that are too large for a publish are said so in its own way', async () => {
    stage = await open();
    const answer = await post(
      bomb(limit + 1),
      { 'content-encoding': 'deflate' },
      '/publish/pub-c-1/sub-c-1/0/a/0?uuid=u',
    );
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual([0, 'Message Too Large', '17000000000000000']);
    expect(answer.headers.get('x-portcullis-code')).toBe('limit.message');
  });
});

describe('answers', () => {
  it('time needs no key, and no identity', async () => {
    stage = await open();
    const answer = await get('/time/0?uuid=u&pnsdk=x');
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('[17000000000000000]');
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset="UTF-8"');
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    const head = await respond(stage.door, 'HEAD', '/time/0');
    expect([head.status, head.text, head.headers.get('content-length')]).toEqual([200, '', '19']);
  });

  it('preflights allow what the SDKs send, on every path', async () => {
    stage = await open();
    for (const path of ['/v3/pam/sub-c-1/grant', '/v2/objects/nope', '/v2/push/x']) {
      const answer = await respond(stage.door, 'OPTIONS', path, {
        headers: { origin: 'https://a.example', 'access-control-request-method': 'PATCH' },
      });
      expect([answer.status, answer.text]).toEqual([204, '']);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('access-control-allow-methods')).toBe('GET, POST, PATCH, DELETE, OPTIONS');
      expect(answer.headers.get('access-control-allow-headers')).toMatch(/Content-Type, If-Match/);
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });

  it('refusals of the Access Manager are never stored, and say their cause', async () => {
    stage = await Stage.open();
    const answer = await get('/publish/pub-c-1/sub-c-1/0/a/0/1?uuid=u');
    expect(answer.status).toBe(403);
    expect(answer.json).toEqual({
      message: 'Forbidden',
      payload: { channels: ['a'] },
      error: true,
      service: 'Access Manager',
      status: 403,
      code: 'grant.none',
    });
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=UTF-8');
    expect(answer.headers.get('cache-control')).toBe('no-cache, no-store, must-revalidate');
    expect(answer.headers.get('x-pn-cause')).toBe('9999');
  });

  it('are counted by route, never by path', async () => {
    stage = await open();
    await get('/v1/files/sub-c-1/echo/secret');
    await get('/v1/files/sub-c-1/nothing');
    expect(stage.answered).toEqual([
      ['/v1/files/{sub}/echo/{channel}', 200],
      ['/v1/files/', 404],
    ]);
  });
});

describe('streams', () => {
  async function* chunks(texts: readonly string[], fail = false) {
    for (const text of texts) yield Buffer.from(text);
    if (fail) throw new Error('gone');
  }
  const streaming = (size: number, source: () => AsyncIterable<Uint8Array>): Promise<Stage> =>
    open({
      endpoints: [
        {
          method: 'GET',
          path: '/v1/files/{sub}/stream',
          callers: 'open',
          handle: () => ({ status: 200, type: 'text/plain', body: '', stream: { size, chunks: source() } }),
        },
      ],
    });

  it('are sent as they come', async () => {
    stage = await streaming(5, () => chunks(['ab', 'cde']));
    const answer = await get('/v1/files/sub-c-1/stream');
    expect([answer.text, answer.headers.get('content-length'), answer.headers.get('content-type')]).toEqual([
      'abcde',
      '5',
      'text/plain',
    ]);
    const head = await respond(stage.door, 'HEAD', '/v1/files/sub-c-1/stream');
    expect([head.text, head.headers.get('content-length')]).toEqual(['', '5']);
  });

  it.each([
    ['has less', () => chunks(['ab'])],
    ['has more', () => chunks(['ab', 'cdef'])],
    ['fails', () => chunks(['abcde'], true)],
  ])('one that %s breaks the connection off', async (_, source) => {
    stage = await streaming(5, source);
    await expect(get('/v1/files/sub-c-1/stream')).rejects.toThrow('closed');
  });
});

describe('calls that wait', () => {
  it('are told when their client goes away', async () => {
    stage = await open();
    const begun = begin(stage.door, 'GET', '/v1/files/sub-c-1/waits');
    begun.abort();
    await expect(begun.answer).rejects.toThrow('closed');
    await vi.waitFor(() => expect(stage.answered).toEqual([['/v1/files/{sub}/waits', 200]]));
  });

  it('are answered when the door closes, and whoever comes then is asked to come back', async () => {
    stage = await open();
    const begun = begin(stage.door, 'GET', '/v1/files/sub-c-1/waits');
    stage.door.close();
    const answer = await begun.answer;
    expect([answer.status, answer.json, answer.headers.get('connection')]).toEqual([200, 'aborted', 'close']);
    const late = await get('/publish/pub-c-1/sub-c-1/0/a/0/1');
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, '1']);
    expect(late.headers.get('x-portcullis-code')).toBe('session.restarting');
  });
});
