import { BIT, type GrantSpec, parseGrant, verifyGrant } from '@portcullis/policy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OLD_SECRET, SECRET, Stage } from '../http/door.fixture.ts';
import { respond } from '../http/respond.fixture.ts';

const GRANT = '/v3/pam/sub-c-1/grant';
const MINE: GrantSpec = { ttl: 60, resources: { channels: new Map([['a', BIT.read | BIT.write]]) } };

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
});
afterEach(() => expect(stage.faults).toEqual([]));

const send = (method: string, target: string, body = '') =>
  respond(stage.door, method, target, body === '' ? {} : { body });
const grantText = (text: string) =>
  send('POST', stage.signed('POST', `${GRANT}?requestid=${Math.random()}`, text), text);
const grant = (body: unknown) => grantText(JSON.stringify(body));
const revokeTarget = (token: string) => `${GRANT}/${encodeURIComponent(token)}?requestid=${Math.random()}`;
const revoke = (token: string) => send('DELETE', stage.signed('DELETE', revokeTarget(token)));
const publish = (auth: string, uuid = 'u') =>
  send('GET', `/publish/pub-c-1/sub-c-1/0/a/0/1?uuid=${uuid}&auth=${encodeURIComponent(auth)}`);
const permissions = (more: object = {}) => ({ resources: { channels: { a: 3 } }, patterns: {}, meta: {}, ...more });

describe('grant', () => {
  it('mints what was asked for, as the JavaScript SDK asks', async () => {
    const answer = await grant({
      ttl: 60,
      permissions: {
        resources: { channels: { a: 3, 'a-pnpres': 1 }, groups: { g: 5 }, uuids: { u: 104 }, users: {}, spaces: {} },
        patterns: { channels: { '^room-[0-9]+$': 239 }, groups: {}, uuids: {}, users: {}, spaces: {} },
        meta: { plan: 'pro', seats: 3, trial: false, note: null },
        uuid: 'ann',
      },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=UTF-8');
    expect(answer.headers.get('cache-control')).toBe('no-cache, no-store, must-revalidate');
    expect(answer.json).toEqual({
      data: { message: 'Success', token: expect.stringMatching(/^qEF2/) },
      service: 'Access Manager',
      status: 200,
    });
    const { token } = answer.json.data;
    expect(token.length % 4).toBe(0);
    const verified = verifyGrant(token, { app: 'a', secrets: [SECRET], now: stage.clock.now() });
    expect(verified).toMatchObject({
      ok: true,
      grant: {
        ttl: 60,
        issuedAt: 1_700_000_000,
        authorizedUser: 'ann',
        meta: { plan: 'pro', seats: 3, trial: false, note: null },
        resources: {
          channels: new Map([
            ['a', 3],
            ['a-pnpres', 1],
          ]),
          groups: new Map([['g', 5]]),
          uuids: new Map([['u', 104]]),
        },
        patterns: { channels: new Map([['^room-[0-9]+$', 239]]) },
      },
    });
    expect((await publish(token, 'ann')).json).toEqual([1, 'Sent', expect.stringMatching(/^\d{17}$/)]);
  });

  it('takes what the Python SDK sends: everything twice, and ttl as text', async () => {
    const answer = await grant({
      ttl: '15',
      permissions: {
        resources: { channels: { a: 3 }, spaces: { a: 3 }, groups: {}, uuids: { u: 32 }, users: { u: 32 } },
        patterns: { channels: {}, spaces: {}, groups: {}, uuids: {}, users: {} },
        meta: {},
      },
    });
    const parsed = parseGrant(answer.json.data.token);
    expect(parsed).toMatchObject({
      ok: true,
      grant: { ttl: 15, resources: { channels: new Map([['a', 3]]), uuids: new Map([['u', 32]]) } },
    });
  });

  it('takes spaces and users alone', async () => {
    const answer = await grant({ ttl: 1, permissions: { resources: { spaces: { s: 1 }, users: { u: 64 } } } });
    const parsed = parseGrant(answer.json.data.token);
    expect(parsed).toMatchObject({
      ok: true,
      grant: { resources: { channels: new Map([['s', 1]]), uuids: new Map([['u', 64]]) } },
    });
  });

  it('gives two equal grants two tokens, and revokes one of them alone', async () => {
    const tokens = [
      await grant({ ttl: 1, permissions: permissions() }),
      await grant({ ttl: 1, permissions: permissions() }),
    ];
    const [one, two] = tokens.map(({ json }) => json.data.token);
    expect(one).not.toBe(two);
    await revoke(one);
    expect((await publish(one)).json).toMatchObject({ message: 'Token is revoked' });
    expect((await publish(two)).status).toBe(200);
  });

  it('warns of what is probably a glob', async () => {
    const answer = await grant({ ttl: 1, permissions: { patterns: { channels: { 'chat-*': 1 } } } });
    expect(answer.json.data.warnings).toEqual([
      { at: 'patterns.channels', pattern: 'chat-*', position: 5, message: expect.stringContaining('chat-.*') },
    ]);
  });

  it('dates what is granted after what was revoked by time', async () => {
    const now = stage.seconds;
    await stage.engine.commit('a', [
      {
        type: 'revocation.put',
        revocation: { id: 1_000_001, type: 'issued-before', issuedBefore: now, reason: '', keepUntil: 9e15 },
      },
    ]);
    const { token } = (await grant({ ttl: 1, permissions: permissions() })).json.data;
    expect(parseGrant(token)).toMatchObject({ ok: true, grant: { issuedAt: now + 1 } });
    expect((await publish(token)).status).toBe(200);
  });

  it('leaves a trace without the token', async () => {
    const { token } = (await grant({ ttl: 5, permissions: permissions({ uuid: 'ann' }) })).json.data;
    const [entry] = await stage.store.auditTrail({ limit: 1 });
    expect(entry).toMatchObject({
      app: 'a',
      actor: SECRET.id,
      action: 'grant.minted',
      detail: { ttl: 5, user: 'ann' },
    });
    expect(JSON.stringify(entry)).not.toContain(token);
  });

  it('hands out nothing when the trace cannot be kept', async () => {
    class StoreUnavailableError extends Error {
      override readonly name = 'StoreUnavailableError';
    }
    stage = await Stage.open({
      store: (store) => Object.assign(store, { audit: () => Promise.reject(new StoreUnavailableError('gone')) }),
    });
    const answer = await grant({ ttl: 5, permissions: permissions() });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('x-portcullis-code')).toBe('store.unavailable');
    expect(answer.text).not.toContain('token":');
  });
});

/** [what, body, message, detail, location]: word for word. */
const COMPLAINTS: readonly (readonly [string, unknown, string, string | RegExp, string])[] = [
  ['ttl 0', { ttl: 0, permissions: permissions() }, 'Invalid ttl', 'Range should be 1 to 43200 minute(s).', 'ttl'],
  ['ttl -1', { ttl: -1, permissions: permissions() }, 'Invalid ttl', 'Range should be 1 to 43200 minute(s).', 'ttl'],
  [
    'ttl 43201',
    { ttl: 43_201, permissions: permissions() },
    'Invalid ttl',
    'Range should be 1 to 43200 minute(s).',
    'ttl',
  ],
  [
    'ttl "43201"',
    { ttl: '43201', permissions: permissions() },
    'Invalid ttl',
    'Range should be 1 to 43200 minute(s).',
    'ttl',
  ],
  ['ttl 1.5', { ttl: 1.5, permissions: permissions() }, 'Invalid ttl', 'Range should be 1 to 43200 minute(s).', 'ttl'],
  ['no ttl', { permissions: permissions() }, 'Invalid ttl', /whole number/, 'ttl'],
  ['ttl true', { ttl: true, permissions: permissions() }, 'Invalid ttl', /whole number/, 'ttl'],
  ['ttl "1e3"', { ttl: '1e3', permissions: permissions() }, 'Invalid ttl', /whole number/, 'ttl'],
  [
    'nothing granted',
    { ttl: 1, permissions: { resources: {}, patterns: {} } },
    'This grant contains no permissions',
    'What are you granting?',
    'permissions',
  ],
  [
    'empty maps',
    { ttl: 1, permissions: { resources: { channels: {}, uuids: {} }, patterns: { groups: {} } } },
    'This grant contains no permissions',
    'What are you granting?',
    'permissions',
  ],
  ['no permissions', { ttl: 1 }, 'Invalid permissions', /object/, 'permissions'],
  ['a list of permissions', { ttl: 1, permissions: [] }, 'Invalid permissions', /object/, 'permissions'],
  [
    'a zero mask',
    { ttl: 1, permissions: { resources: { uuids: { 'uuid-1': 0 } } } },
    'Invalid permissions',
    'Unexpected value: `permissions.resources.uuids.uuid-1` must be positive and non-zero.',
    'permissions.resources.uuids.uuid-1',
  ],
  [
    'a negative mask',
    { ttl: 1, permissions: { patterns: { channels: { 'a.*': -1 } } } },
    'Invalid permissions',
    'Unexpected value: `permissions.patterns.channels.a.*` must be positive and non-zero.',
    'permissions.patterns.channels.a.*',
  ],
  [
    'a mask of text',
    { ttl: 1, permissions: { resources: { channels: { a: '3' } } } },
    'Invalid permissions',
    'Unexpected value: `permissions.resources.channels.a` must be positive and non-zero.',
    'permissions.resources.channels.a',
  ],
  [
    'a mask that is no mask',
    { ttl: 1, permissions: { resources: { channels: { a: 1.5 } } } },
    'Invalid permissions',
    /must be positive/,
    'permissions.resources.channels.a',
  ],
  [
    'a bit of nothing',
    { ttl: 1, permissions: { resources: { channels: { a: 256 } } } },
    'Invalid permissions',
    /only the permissions/,
    'permissions.resources.channels.a',
  ],
  [
    'the retired bit',
    { ttl: 1, permissions: { resources: { uuids: { a: 16 } } } },
    'Invalid permissions',
    /only the permissions/,
    'permissions.resources.uuids.a',
  ],
  [
    'a bit of channels on a group',
    { ttl: 1, permissions: { patterns: { groups: { 'g.*': 2 } } } },
    'Invalid permissions',
    /only the permissions/,
    'permissions.patterns.groups.g.*',
  ],
  [
    'two words on one channel',
    { ttl: 1, permissions: { resources: { channels: { a: 1 }, spaces: { a: 3 } } } },
    'Invalid permissions',
    /granted twice/,
    'permissions.resources.spaces.a',
  ],
  [
    'a section of nothing',
    { ttl: 1, permissions: { resources: { rooms: { a: 1 } } } },
    'Invalid permissions',
    'Unexpected key: `rooms`.',
    'permissions.resources',
  ],
  [
    'a pattern that repeats a repetition',
    { ttl: 1, permissions: { patterns: { uuids: { 'a**': 32 } } } },
    'Invalid RegExp',
    'Syntax error: multiple repeat.',
    'permissions.patterns.uuids.a**',
  ],
  [
    'a pattern that repeats nothing',
    { ttl: 1, permissions: { patterns: { channels: { '*a': 1 } } } },
    'Invalid RegExp',
    'Syntax error: nothing to repeat.',
    'permissions.patterns.channels.*a',
  ],
  [
    'a pattern that does not end',
    { ttl: 1, permissions: { patterns: { channels: { '[a': 1 } } } },
    'Invalid RegExp',
    /^Syntax error: /,
    'permissions.patterns.channels.[a',
  ],
  [
    'a capturing group',
    { ttl: 1, permissions: { patterns: { channels: { '(a|b)': 1 } } } },
    'Invalid RegExp',
    'Only non-capturing groups are allowed. Try replacing `(` with `(?:`.',
    'permissions.patterns.channels.(a|b)',
  ],
  [
    'a pattern that explodes',
    { ttl: 1, permissions: { patterns: { channels: { '((((a{99}){99}){99}){99})': 1 } } } },
    'Invalid RegExp',
    /./,
    'permissions.patterns.channels.((((a{99}){99}){99}){99})',
  ],
  [
    'a list in meta',
    { ttl: 1, permissions: permissions({ meta: { a: [] } }) },
    'Invalid meta',
    /scalars/,
    'permissions.meta.a',
  ],
  [
    'an object in meta',
    { ttl: 1, permissions: permissions({ meta: { a: {} } }) },
    'Invalid meta',
    /scalars/,
    'permissions.meta.a',
  ],
  [
    'meta that is none',
    { ttl: 1, permissions: permissions({ meta: 'x' }) },
    'Invalid meta',
    /scalars/,
    'permissions.meta',
  ],
  ['an empty uuid', { ttl: 1, permissions: permissions({ uuid: '' }) }, 'Invalid uuid', /./, 'permissions.uuid'],
  [
    'a uuid that is no text',
    { ttl: 1, permissions: permissions({ uuid: 1 }) },
    'Invalid uuid',
    /text/,
    'permissions.uuid',
  ],
  [
    'an empty name',
    { ttl: 1, permissions: { resources: { channels: { '': 1 } } } },
    'Invalid permissions',
    /name/,
    'permissions.resources.channels.',
  ],
  [
    'too many names for a token',
    {
      ttl: 1,
      permissions: {
        resources: { channels: Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`channel-${i}`, 1])) },
      },
    },
    'Grant too large',
    /32768/,
    'permissions',
  ],
];

describe('grants that are refused', () => {
  it.each(COMPLAINTS)('%s', async (_, body, message, detail, location) => {
    const answer = await grant(body);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('x-portcullis-code')).toBe('grant.invalid');
    expect(answer.json).toEqual({
      error: {
        message,
        source: 'grant',
        details: [
          {
            message: typeof detail === 'string' ? detail : expect.stringMatching(detail),
            location,
            locationType: 'body',
          },
        ],
      },
      service: 'Access Manager',
      status: 400,
      code: 'grant.invalid',
    });
  });

  it.each(['', 'null', '[]', '{', '1', `${'['.repeat(20_000)}${']'.repeat(20_000)}`])('the body %#', async (text) => {
    const answer = await grantText(text);
    expect(answer.json.error).toMatchObject({ message: 'Invalid JSON', source: 'grant' });
  });

  it('a channel called __proto__ is a channel', async () => {
    const answer = await grantText('{"ttl":1,"permissions":{"resources":{"channels":{"__proto__":1}}}}');
    expect(parseGrant(answer.json.data.token)).toMatchObject({
      ok: true,
      grant: { resources: { channels: new Map([['__proto__', 1]]) } },
    });
  });
});

describe('who may grant and revoke', () => {
  const body = JSON.stringify({ ttl: 1, permissions: permissions() });
  const bearer = () => stage.mint({ ttl: 60, patterns: { channels: new Map([['.*', 239]]) } });

  it.each([
    ['nobody', () => `${GRANT}?uuid=u`, 403, 'operation.server-only', 'Signature is missing'],
    [
      'the holder of any token',
      () => `${GRANT}?uuid=u&auth=${encodeURIComponent(bearer())}`,
      403,
      'operation.server-only',
      'Signature is missing',
    ],
    [
      'an empty signature',
      () => `${GRANT}?timestamp=${stage.seconds}&signature=`,
      403,
      'identity.bad-signature',
      'Signature Does Not Match',
    ],
    [
      'another secret',
      () => stage.signed('POST', GRANT, body, 'sec-c-2'),
      403,
      'identity.bad-signature',
      'Signature Does Not Match',
    ],
    [
      'a secret that was rotated out',
      () => stage.signed('POST', GRANT, body, OLD_SECRET.secret),
      403,
      'identity.bad-signature',
      'Signature Does Not Match',
    ],
    [
      'a signature of another body',
      () => stage.signed('POST', GRANT, `${body} `),
      403,
      'identity.bad-signature',
      'Signature Does Not Match',
    ],
    [
      'a signature of another method',
      () => stage.signed('GET', GRANT, body),
      403,
      'identity.bad-signature',
      'Signature Does Not Match',
    ],
    [
      'no timestamp',
      () => stage.signed('POST', GRANT, body).replace(/timestamp=\d+/, 'x=1'),
      400,
      'identity.bad-timestamp',
      'Invalid Timestamp',
    ],
    [
      'a timestamp that is no number',
      () => stage.signed('POST', GRANT, body).replace(/timestamp=\d+/, 'timestamp=now'),
      400,
      'identity.bad-timestamp',
      'Invalid Timestamp',
    ],
    [
      'a timestamp of the past',
      () => stage.signed('POST', GRANT, body, SECRET.secret, stage.seconds - 61),
      400,
      'identity.bad-timestamp',
      'Invalid Timestamp',
    ],
    [
      'a timestamp of the future',
      () => stage.signed('POST', GRANT, body, SECRET.secret, stage.seconds + 61),
      400,
      'identity.bad-timestamp',
      'Invalid Timestamp',
    ],
  ])('not %s', async (_, target, status, code, message) => {
    const answer = await send('POST', target(), body);
    expect(answer.json).toEqual({ message, error: true, service: 'Access Manager', status, code });
    expect(answer.headers.get('x-portcullis-code')).toBe(code);
  });

  it.each([-60, 0, 60])('a timestamp %i s off will do', async (off) => {
    stage.clock.advance(60_000);
    expect(
      (await send('POST', stage.signed('POST', GRANT, body, SECRET.secret, stage.seconds + off), body)).status,
    ).toBe(200);
  });

  it('an app without a secret has no servers', async () => {
    stage = await Stage.open({ secrets: [] });
    expect((await send('POST', stage.signed('POST', GRANT, body), body)).json).toMatchObject({
      message: 'Signature Does Not Match',
    });
  });

  it('a signature counts beside a token and an id, and makes a server of whoever has it', async () => {
    const target = stage.signed(
      'GET',
      `/publish/pub-c-1/sub-c-1/0/a/0/1?uuid=u&auth=${encodeURIComponent('no token')}`,
    );
    expect((await send('GET', target)).status).toBe(200);
  });

  it('a signature does not make a user id of what is none', async () => {
    const strict = await Stage.open({ settings: { strictNames: true } });
    const target = (uuid: string) => strict.signed('GET', `/publish/pub-c-1/sub-c-1/0/a/0/1?uuid=${uuid}`);
    expect((await respond(strict.door, 'GET', target('x'.repeat(92)))).status).toBe(200);
    expect((await respond(strict.door, 'GET', target('x'.repeat(93)))).json).toMatchObject({ message: 'Invalid UUID' });
    const stated = `/publish/pub-c-1/sub-c-1/0/a/0/1?uuid=${'%C3%A9'.repeat(47)}`;
    expect((await respond(strict.door, 'GET', stated)).json).toMatchObject({ message: 'Invalid UUID', status: 400 });
  });

  it('a bad signature counts against a good token', async () => {
    const auth = encodeURIComponent(stage.mint(MINE));
    const target = `/publish/pub-c-1/sub-c-1/0/a/0/1?uuid=u&auth=${auth}&timestamp=${stage.seconds}&signature=v2.x`;
    expect((await send('GET', target)).json).toMatchObject({ message: 'Signature Does Not Match' });
  });
});

describe('revoke', () => {
  it('ends the token before it answers', async () => {
    const token = stage.mint(MINE);
    expect((await publish(token)).status).toBe(200);
    const answer = await revoke(token);
    expect(answer.json).toEqual({ data: { message: 'Success' }, service: 'Access Manager', status: 200 });
    const refused = await publish(token);
    expect(refused.json).toEqual({
      message: 'Token is revoked',
      error: true,
      service: 'Access Manager',
      status: 403,
      code: 'identity.revoked',
    });
    expect(refused.headers.get('x-pn-cause')).toBe('4001');
  });

  it('is asked to come back while the keys of the token cannot be had', async () => {
    stage = await Stage.open({
      identity: {
        identify: () => ({ ok: true, principal: { kind: 'anonymous', credentials: [] } }),
        credentialsOf: () => ({ ok: false, code: 'identity.keys-unavailable', reason: '', retry: true }),
      },
    });
    const answer = await revoke('a.b.c');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(answer.json).toMatchObject({ status: 503, code: 'identity.keys-unavailable' });
  });

  it('twice is once', async () => {
    const token = stage.mint(MINE);
    await revoke(token);
    expect((await revoke(token)).status).toBe(200);
    expect(stage.engine.source('a').revocations).toMatchObject([
      { type: 'token', keepUntil: stage.clock.now() + 3_600_000 },
    ]);
  });

  it('leaves a trace without the token', async () => {
    const token = stage.mint(MINE);
    await revoke(token);
    const [entry] = await stage.store.auditTrail({ limit: 1 });
    expect(entry).toMatchObject({ actor: SECRET.id, action: 'revocation.created' });
    expect(JSON.stringify(entry)).not.toContain(token);
  });

  it.each([
    ['expired', () => stage.mint({ ...MINE, ttl: 1 }), 61_000, 'Token is expired.', 'identity.expired'],
    ['garbage', () => 'garbage', 0, 'Token is malformed.', 'identity.malformed'],
    [
      'of another secret',
      () => stage.mint(MINE, { id: 'x', secret: 'sec-c-2' }),
      0,
      'Token is malformed.',
      'identity.bad-signature',
    ],
    ['without its padding', () => unpadded(), 0, 'Token is malformed.', 'identity.malformed'],
  ])('of what is %s', async (_, token, wait, message, code) => {
    const given = token();
    stage.clock.advance(wait);
    const answer = await revoke(given);
    expect(answer.json).toEqual({
      error: {
        message: 'Invalid token',
        source: 'revoke',
        details: [{ message, location: 'token', locationType: 'path' }],
      },
      service: 'Access Manager',
      status: 400,
      code,
    });
  });

  function unpadded(): string {
    for (;;) {
      const token = stage.mint({ ...MINE, meta: { n: 'x'.repeat(stage.engine.nextId() % 5) } });
      if (token.endsWith('=')) return token.replace(/=+$/, '');
    }
  }

  it('takes tokens of a secret that was rotated out', async () => {
    const token = stage.mint(MINE, OLD_SECRET);
    expect((await publish(token)).status).toBe(200);
    expect((await revoke(token)).status).toBe(200);
    expect((await publish(token)).status).toBe(403);
  });

  it('has a switch of its own', async () => {
    const { features } = (await import('../http/door.fixture.ts')).ACCESS;
    stage = await Stage.open({ access: { features: { ...features, revoke: false } } });
    const token = stage.mint(MINE);
    expect((await revoke(token)).json).toEqual({
      error: {
        message: 'Feature disabled',
        source: 'revoke',
        details: [{ message: 'Token revocation is disabled.', location: 'subscribe-key', locationType: 'path' }],
      },
      service: 'Access Manager',
      status: 403,
      code: 'operation.not-enabled',
    });
    expect((await publish(token)).status).toBe(200);
  });

  it('is not for the bearer', async () => {
    const token = stage.mint(MINE);
    const auth = encodeURIComponent(token);
    expect((await send('DELETE', `${GRANT}/${auth}?auth=${auth}&uuid=u`)).status).toBe(403);
    expect((await publish(token)).status).toBe(200);
  });
});

describe('whoever comes with a proof', () => {
  const bound = () => stage.mint({ ...MINE, authorizedUser: 'ann' });

  it.each([
    ['expired', () => stage.mint({ ...MINE, ttl: 1 }), 'u', 60_000, 'Token is expired.', 'identity.expired'],
    ['of another user', bound, 'bob', 0, 'Token is for another user', 'identity.user-mismatch'],
    [
      'of an altered secret',
      () => stage.mint(MINE, { id: 'x', secret: 'y' }),
      'u',
      0,
      'Token is not signed for this subscribe key',
      'identity.bad-signature',
    ],
    ['malformed', () => 'qEF2AkF0', 'u', 0, 'Token is malformed', 'identity.malformed'],
  ])('%s is told so', async (_, token, uuid, wait, message, code) => {
    const given = token();
    stage.clock.advance(wait);
    const answer = await publish(given, uuid);
    expect(answer.json).toEqual({ message, error: true, service: 'Access Manager', status: 403, code });
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=UTF-8');
  });

  it('is held off after a kick, banned by a ban, and refused by a disabled app', async () => {
    const now = stage.clock.now();
    const ban = { user: 'u', reason: '', until: now + 60_000 };
    await stage.engine.commit('a', [{ type: 'ban.put', ban: { ...ban, id: 1_000_001, hold: true } }]);
    expect((await publish(stage.mint(MINE))).json).toMatchObject({ code: 'identity.held-off', status: 403 });
    await stage.engine.commit('a', [{ type: 'ban.put', ban: { ...ban, id: 1_000_002, hold: false } }]);
    expect((await publish(stage.mint(MINE))).json).toMatchObject({ code: 'identity.banned', status: 403 });
    stage = await Stage.open({ access: { enabled: false } });
    expect((await publish(stage.mint(MINE))).json).toMatchObject({ code: 'app.disabled', status: 403 });
    const signed = stage.signed('GET', '/publish/pub-c-1/sub-c-1/0/a/0/1');
    expect((await send('GET', signed)).json).toMatchObject({ code: 'app.disabled' });
  });
});
