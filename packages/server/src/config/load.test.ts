// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such strings are what is tested here
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { loadConfig, loadText } from './load.ts';
import { formatProblem } from './problem.ts';
import type { ServerConfig } from './types.ts';

const SECRET = 'a-secret-of-more-than-thirty-two-characters';
const load = (text: string, env: Record<string, string> = {}, flags = {}) =>
  loadText({ name: 'p.yaml', text, env, flags });

function good(text: string, env: Record<string, string> = {}, flags = {}): ServerConfig {
  const loaded = load(text, env, flags);
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.config;
}

function problems(text: string, env: Record<string, string> = {}): string[] {
  const loaded = load(text, env);
  return loaded.ok ? ['no problem'] : loaded.problems.map(formatProblem);
}

function warnings(text: string): string[] {
  const loaded = load(text);
  return loaded.ok ? loaded.warnings.map(formatProblem) : ['refused'];
}

const CONTRACT = `
server: { host: 127.0.0.1, port: 7070, origins: ["http://localhost:*"], adminToken: \${ADMIN_TOKEN} }
data: ./data                      # folder of the embedded store; ":memory:" keeps nothing
engine: memory                    # or redis://…       (broker)
store: sqlite                     # or postgres://…    (store)
apps:
  - id: demo
    keys: { publish: pub-demo, subscribe: sub-demo, secret: sec-demo }
    connectionHash: demo-hash     # for clients of the Xano SDK
    enabled: true
    access: { rules: on, grants: off }          # or access: open
    features: { deleteHistory: true, revoke: true }
    identity:
      jwt: [ { alg: HS256, secret: \${JWT_SECRET} } ]
    channels:
      - target: chatroom/*
        nested: true
        enabled: true
        description: Public chat rooms
        anonymousClients: true
        presence: true
        publicMessaging: { authenticatedOnly: true }   # or true / false
        authenticatedMessaging: false
        privateMessaging: false
        history: 100
`;
const CONTRACT_ENV = { ADMIN_TOKEN: 'x'.repeat(40), JWT_SECRET: 'y'.repeat(32) };

describe('what a good configuration becomes', () => {
  test('the documented example, with ${} inside a flow mapping', () => {
    const { server, apps } = good(CONTRACT, CONTRACT_ENV);
    expect(server).toMatchObject({ host: '127.0.0.1', port: 7070, adminToken: CONTRACT_ENV.ADMIN_TOKEN });
    expect(apps[0]?.access).toMatchObject({ rules: true, grants: false, open: false, explainToClients: 'full' });
    expect(apps[0]?.identity.jwt[0]).toMatchObject({ kind: 'secret', alg: 'HS256', secret: CONTRACT_ENV.JWT_SECRET });
    expect(apps[0]?.channels[0]).toEqual({
      target: 'chatroom/*',
      nested: true,
      enabled: true,
      description: 'Public chat rooms',
      anonymousClients: true,
      presence: true,
      publicMessaging: { enabled: true, authenticatedOnly: true },
      authenticatedMessaging: false,
      privateMessaging: { enabled: false, authenticatedOnly: false },
      history: 100,
    });
  });

  test('nothing at all: the defaults', () => {
    const { server, data, engine, store, apps } = good('');
    expect({ data, engine, store, apps }).toEqual({ data: './data', engine: 'memory', store: 'sqlite', apps: [] });
    expect(server).toMatchObject({ host: '127.0.0.1', port: 7070, playground: 'auto', trustedProxies: [] });
    expect(server.origins).toContain('http://[::1]:*');
    expect(server.adminToken).toBeUndefined();
  });

  test('the limits have the documented defaults', () => {
    expect(good('apps: [{ id: a, connectionHash: h }]').apps[0]?.limits).toMatchObject({
      message: 32_768,
      channelName: 255,
      channelsPerConnection: 2_000,
      sendBuffer: 1_048_576,
      inSocket: 65_536,
      joinTimeout: 30_000,
      extras: 2_048,
      rosterMax: 1_000,
      ratePerAddress: Number.POSITIVE_INFINITY,
    });
  });

  test.each([
    ['true', { enabled: true, authenticatedOnly: false }],
    ['on', { enabled: true, authenticatedOnly: false }],
    ['off', { enabled: false, authenticatedOnly: false }],
    ['"true"', { enabled: true, authenticatedOnly: false }],
    ['{ authenticatedOnly: true }', { enabled: true, authenticatedOnly: true }],
    ['{ authenticatedOnly: on }', { enabled: true, authenticatedOnly: true }],
    ['{ enabled: false, authenticatedOnly: true }', { enabled: false, authenticatedOnly: true }],
    ['{}', { enabled: true, authenticatedOnly: false }],
  ])('publicMessaging: %s', (written, read) => {
    const [app] = good(
      `apps: [{ id: a, connectionHash: h, channels: [{ target: x, publicMessaging: ${written} }] }]`,
    ).apps;
    expect(app?.channels[0]?.publicMessaging).toEqual(read);
  });

  test.each([
    ['connectionHash: h', { rules: true, grants: false, open: false }],
    [`keys: { subscribe: s, secret: ${SECRET} }`, { rules: false, grants: true, open: false }],
    [`keys: { subscribe: s, secret: ${SECRET} }, access: { rules: on }`, { rules: true, grants: true, open: false }],
    [`keys: { subscribe: s, secret: ${SECRET} }, access: { grants: off }`, { rules: true, grants: false, open: false }],
    [
      `connectionHash: h, keys: { secret: ${SECRET} }, access: { rules: off }`,
      { rules: false, grants: true, open: false },
    ],
    [
      `connectionHash: h, keys: { secret: ${SECRET} }, access: { rules: on, grants: on }`,
      { rules: true, grants: true, open: false },
    ],
    ['keys: { subscribe: s }', { rules: true, grants: false, open: false }],
    ['connectionHash: h, access: open', { rules: false, grants: false, open: true }],
  ])('the gates of { %s }', (written, gates) => {
    expect(good(`apps: [{ id: a, ${written} }]`).apps[0]?.access).toMatchObject(gates);
  });

  test('short explanations beyond loopback, whole ones on it, what was said otherwise', () => {
    const app = 'apps: [{ id: a, connectionHash: h }]';
    expect(good(app).apps[0]?.access.explainToClients).toBe('full');
    expect(good(`server: { host: 0.0.0.0 }\n${app}`).apps[0]?.access.explainToClients).toBe('short');
    const said = 'apps: [{ id: a, connectionHash: h, access: { rules: on, explainToClients: short } }]';
    expect(good(said).apps[0]?.access.explainToClients).toBe('short');
  });

  test('the origin of publicUrl joins the default origins', () => {
    expect(good('server: { publicUrl: "https://chat.example.com/rt" }').server.origins).toContain(
      'https://chat.example.com',
    );
  });

  test('a JWT key keeps its made-up id when keys are reordered', () => {
    const one = `{ alg: HS256, secret: ${'1'.repeat(32).replace('1', 'a')} }`;
    const two = `{ alg: HS256, secret: ${'b'.repeat(32)} }`;
    const ids = (keys: string) =>
      good(`apps: [{ id: a, connectionHash: h, identity: { jwt: [${keys}] } }]`).apps[0]?.identity.jwt.map(
        ({ id }) => id,
      );
    expect(ids(`${two}, ${one}`)).toEqual([...(ids(`${one}, ${two}`) ?? [])].reverse());
  });
});

describe('precedence', () => {
  test('flag over environment over file over default', () => {
    const file = 'server: { port: 1001 }';
    const env = { PORTCULLIS_SERVER_PORT: '1002' };
    expect(good('').server.port).toBe(7070);
    expect(good(file).server.port).toBe(1001);
    expect(good(file, env).server.port).toBe(1002);
    expect(good(file, env, { port: '1003' }).server.port).toBe(1003);
  });

  test('a problem names the flag, the variable or the line that it comes from', () => {
    const flagged = load('', {}, { port: 'x' });
    expect(flagged.ok ? [] : flagged.problems.map(formatProblem)).toEqual([
      '--port server.port: expected a whole number from 0 to 65535',
    ]);
    expect(problems('', { PORTCULLIS_SERVER_PORT: 'x' })).toEqual([
      'PORTCULLIS_SERVER_PORT server.port: expected a whole number from 0 to 65535',
    ]);
    expect(problems('data: x\nserver:\n  port: x\n')).toEqual([
      'p.yaml:3 server.port: expected a whole number from 0 to 65535',
    ]);
  });
});

const APP = 'id: a, connectionHash: h';
const RULE = (rule: string) => `apps: [{ ${APP}, channels: [{ ${rule} }] }]`;
const JWT = (key: string, server = '') => `${server}\napps: [{ ${APP}, identity: { jwt: [{ ${key} }] } }]`;
const PUBLIC = '"-----BEGIN PUBLIC KEY-----\\nAAAA\\n-----END PUBLIC KEY-----"';

describe('what is wrong is said in one line with its path', () => {
  test.each<[string, string[]]>([
    ['server: { prot: 1 }', ['p.yaml:1 server.prot: unknown key, did you mean "port"?']],
    ['servr: {}', ['p.yaml:1 servr: unknown key, did you mean "server"?']],
    [
      'apps: [{ id: a, conectionHash: h }]',
      ['p.yaml:1 apps.a.conectionHash: unknown key, did you mean "connectionHash"?'],
    ],
    [RULE('target: x, hitory: 5'), ['p.yaml:1 apps.a.channels.1.hitory: unknown key, did you mean "history"?']],
    [
      RULE('target: x, publicMessaging: { authOnly: true }'),
      ['p.yaml:1 apps.a.channels.1.publicMessaging.authOnly: unknown key; known here: enabled, authenticatedOnly'],
    ],
    [
      RULE('target: x, publicMessaging: maybe'),
      ['p.yaml:1 apps.a.channels.1.publicMessaging: expected on, off or { authenticatedOnly: true }'],
    ],
    ['constructor: {}', ['p.yaml:1 constructor: unknown key; known here: server, data, engine, store, apps']],
    ['server: { __proto__: 1 }', ['p.yaml:1 server.__proto__: unknown key']],
    ['server: 5', ['p.yaml:1 server: expected keys and values']],
    ['server: []', ['p.yaml:1 server: expected keys and values, not a list']],
    ['apps: {}', ['p.yaml:1 apps: expected a list']],
    [
      `apps: [{ ${APP}, history: { retention: 2s } }]`,
      ['p.yaml:1 apps.a.history.retention: expected a duration from 1m to 3650d, or off'],
    ],
    ['apps: [{}]', ['p.yaml:1 apps.1.id: is required']],
    ['apps: [{ id: Über }]', ['p.yaml:1 apps.1.id: expected lower-case letters, digits, - and _']],
    [RULE('nested: on'), ['p.yaml:1 apps.a.channels.1.target: is required']],
    ['server: { adminToken: 12345 }', ['p.yaml:1 server.adminToken: expected text: put quotes around it']],
    [
      'server: { playground: offf }',
      ['p.yaml:1 server.playground: expected one of auto, on, off, did you mean "off"?'],
    ],
    ['server: { pingInterval: 5 }', ['p.yaml:1 server.pingInterval: expected a duration like 30s, 15m or 1h30m']],
    ['server: { pingInterval: 5ms }', ['p.yaml:1 server.pingInterval: expected a duration from 1s to 5m']],
    ['server: { maxHeader: much }', ['p.yaml:1 server.maxHeader: expected a size like 32KiB or 1MiB']],
    [
      'server: { origins: ["example.com"] }',
      ['p.yaml:1 server.origins.1: expected an origin like https://app.example.com or http://localhost:*'],
    ],
    ['server: { publicUrl: ftp://x }', ['p.yaml:1 server.publicUrl: expected an http(s) URL']],
    ['server: { tls: { cert: a.pem } }', ['p.yaml:1 server.tls.key: is required']],
    [
      'server: { port: 7070, adminPort: 7070 }',
      ['p.yaml:1 server.adminPort: is the port of the server; leave it out to share that port'],
    ],
    ['engine: redis://x', ['p.yaml:1 engine: Redis is not offered in this version; only memory is']],
    ['store: postgres://x', ['p.yaml:1 store: PostgreSQL is not offered in this version; only sqlite is']],
    ['engine: memroy', ['p.yaml:1 engine: expected memory, did you mean "memory"?']],
    [
      `apps: [{ ${APP}, actions: [{ name: x, on: [y], do: [{ webhook: {} }] }] }]`,
      [
        'p.yaml:1 apps.a.actions.x.do.1.webhook.url: is required',
        'p.yaml:1 apps.a.actions.x.do.1.webhook.secret: is required',
      ],
    ],
    ['- a', ['p.yaml: expected keys and values']],
    ['a: b: c', ['p.yaml:1: Nested mappings are not allowed in compact mappings']],
    ['data: a\ndata: b', ['p.yaml:2: Map keys must be unique']],
    [
      `apps: [{ id: a, connectionHash: h }, { id: a, connectionHash: h }]`,
      [
        'p.yaml:1 apps.a.id: is the id of another app',
        'p.yaml:1 apps.a.connectionHash: is in use already, by the app "a"',
      ],
    ],
    [
      `apps: [{ id: a, connectionHash: h, keys: { subscribe: k } }, { id: b, keys: { publish: k } }]`,
      ['p.yaml:1 apps.b.keys.publish: is in use already, by the app "a"'],
    ],
    [
      `apps: [{ ${APP}, channels: [{ target: x }, { target: x }] }]`,
      ['p.yaml:1 apps.a.channels.2.target: has the same target as rule 1; only one of them can apply'],
    ],
    [
      RULE('target: x, history: 2000'),
      ["p.yaml:1 apps.a.channels.1.history: is 2000, over the app's history.max of 1000"],
    ],
    [
      `apps: [{ ${APP}, history: { max: 5, default: 6 } }]`,
      ["p.yaml:1 apps.a.history.default: is 6, over the app's history.max of 5"],
    ],
    [
      `apps: [{ ${APP}, keys: { secret: ${SECRET} } }]`,
      [
        'p.yaml:1 apps.a.access: must say `rules` and `grants`, each on or off, because the app has both a secret key and a connection hash',
      ],
    ],
    [
      `apps: [{ ${APP}, access: { rules: off, grants: off } }]`,
      ['p.yaml:1 apps.a.access: has both gates off; write `access: open` if that is meant'],
    ],
    [
      `apps: [{ ${APP}, access: { grants: on } }]`,
      ['p.yaml:1 apps.a.access.grants: is on, which needs keys.secret: grants are signed with it'],
    ],
    [`apps: [{ ${APP}, access: opne }]`, ['p.yaml:1 apps.a.access: expected one of open, did you mean "open"?']],
    [
      'server: { host: 0.0.0.0, adminToken: short }',
      [
        'p.yaml:1 server.adminToken: has fewer than 32 characters, which is refused beyond loopback (server.host is 0.0.0.0)',
      ],
    ],
    [
      'server: { host: 0.0.0.0 }\napps: [{ id: a, connectionHash: demo-hash }]',
      [
        'p.yaml:2 apps.a.connectionHash: is from our examples, which is refused beyond loopback (server.host is 0.0.0.0)',
      ],
    ],
    [JWT('alg: HS256'), ['p.yaml:2 apps.a.identity.jwt.1: HS256 needs secret']],
    [JWT('alg: HS256, secret: short'), ['p.yaml:2 apps.a.identity.jwt.1.secret: needs at least 32 bytes, has 5']],
    [
      JWT(`alg: HS256, secret: ${PUBLIC}`),
      ['p.yaml:2 apps.a.identity.jwt.1.secret: is PEM: a public key is no shared secret'],
    ],
    [
      JWT(`alg: HS256, pem: ${PUBLIC}`),
      ['p.yaml:2 apps.a.identity.jwt.1.pem: does not go with HS256, which takes secret'],
    ],
    [
      JWT('alg: none'),
      [
        'p.yaml:2 apps.a.identity.jwt.1.alg: expected one of HS256, RS256, ES256, dir, A128KW, A192KW, A256KW, A128GCMKW, A192GCMKW, A256GCMKW, RSA-OAEP-256, ECDH-ES, ECDH-ES+A128KW, ECDH-ES+A256KW',
      ],
    ],
    [
      JWT('alg: A256KW, secret: short'),
      ['p.yaml:2 apps.a.identity.jwt.1.secret: needs exactly 32 bytes for A256KW, has 5'],
    ],
    [
      JWT('alg: RS256, jwks: "https://id.example.com/keys"'),
      [
        'p.yaml:2 apps.a.identity.jwt.1.issuer: is required with jwks',
        'p.yaml:2 apps.a.identity.jwt.1.audience: is required with jwks',
      ],
    ],
    [
      JWT('alg: RS256, jwks: "http://id.example.com/keys", issuer: i, audience: a'),
      ['p.yaml:2 apps.a.identity.jwt.1.jwks: must be https'],
    ],
    [
      JWT('alg: RS256, jwks: "http://127.0.0.1:9/keys", issuer: i, audience: a'),
      ['p.yaml:2 apps.a.identity.jwt.1.jwks: is on this machine, which needs server.outbound.private: allow'],
    ],
    [
      JWT('alg: RS256, pem: "-----BEGIN PRIVATE KEY-----"'),
      ['p.yaml:2 apps.a.identity.jwt.1.pem: is a private key; only the public one belongs here'],
    ],
  ])('%s', (text, lines) => {
    const found = problems(text);
    expect(found).toHaveLength(lines.length);
    for (const [index, line] of lines.entries()) expect(found[index]).toContain(line);
  });

  test('several problems are told at once', () => {
    expect(problems('server: { prot: 1, host: "" }\nstore: mysql')).toEqual([
      'p.yaml:1 server.prot: unknown key, did you mean "port"?',
      'p.yaml:1 server.host: is empty, expected address',
      'p.yaml:2 store: expected sqlite',
    ]);
  });
});

describe('what is only worth a warning', () => {
  test.each<[string, string[]]>([
    [
      'server: { adminToken: short }\napps: [{ id: a, connectionHash: h }]',
      ['p.yaml:1 server.adminToken: has fewer than 32 characters; use it on this machine only'],
    ],
    [
      'apps: [{ id: a, connectionHash: h, access: open }]',
      ['p.yaml:1 apps.a.access: is open: whoever can connect may read and write every channel'],
    ],
    [
      'apps: [{ id: a, connectionHash: h, keys: { secret: sec-demo }, access: { rules: on, grants: off } }]',
      ['p.yaml:1 apps.a.keys.secret: is from our examples; use it on this machine only'],
    ],
    [
      '',
      [
        'apps: has no apps: nobody can connect until one is made, and the management API is closed; `portcullis init` writes a configuration that has an app and opens it',
      ],
    ],
    [
      'server: { adminToken: an-admin-token-of-more-than-32-characters }',
      ['p.yaml:1 apps: has no apps: nobody can connect until one is made'],
    ],
    ['apps: [{ id: a }]', ['p.yaml:1 apps.a: has neither keys.subscribe nor a connectionHash: no client can name it']],
    [
      'server: { origins: ["*"] }\napps: [{ id: a, connectionHash: h }]',
      ['p.yaml:1 server.origins: lets every web page connect'],
    ],
    ['apps: [{ id: a, connectionHash: h, channels: [{ target: x }, { target: x, enabled: off }] }]', []],
    [
      JWT(
        'alg: RS256, jwks: "http://localhost:9/keys", issuer: i, audience: a',
        'server: { outbound: { private: allow } }',
      ),
      [],
    ],
  ])('%s', (text, lines) => {
    const found = warnings(text);
    expect(found).toHaveLength(lines.length);
    for (const [index, line] of lines.entries()) expect(found[index]).toContain(line);
  });
});

describe('${NAME}', () => {
  test('is expanded inside strings, plain, quoted and in the middle of one', () => {
    const env = { DIR: '/var', PORT: '81', T: 'v: [x] # "y"'.padEnd(40, '!').replaceAll(' ', '_') };
    const { data, server } = good('data: "${DIR}/data"\nserver: { port: ${PORT}, adminToken: ${T} }', env);
    expect({ data, port: server.port, token: server.adminToken }).toEqual({
      data: '/var/data',
      port: 81,
      token: env.T,
    });
  });

  test('cannot add keys or change the structure', () => {
    expect(good('data: ${X}', { X: 'a\nengine: redis://x' }).data).toBe('a\nengine: redis://x');
  });

  test('not set or empty is an error with its line', () => {
    expect(problems('data: ${NOPE}', {})[0]).toBe('p.yaml:1 data: ${NOPE} is not set');
    expect(problems('\ndata: ${NOPE}', { NOPE: '' })[0]).toBe('p.yaml:2 data: ${NOPE} is empty');
    expect(problems('data: ${NO PE}')[0]).toBe('p.yaml:1 data: ${NO PE} is not the name of a variable');
  });

  test('is neither expanded in comments nor twice, and $${ is literal', () => {
    expect(good('data: ./d # ${NOPE}').data).toBe('./d');
    expect(good('data: ${A}', { A: '${B}' }).data).toBe('${B}');
    expect(good('data: $${A}').data).toBe('${A}');
  });

  test('a name inherited by every object is no variable', () => {
    expect(problems('data: ${constructor}')[0]).toBe('p.yaml:1 data: ${constructor} is not set');
  });
});

describe('the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-config-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('is read from disk; a missing one is a problem, not a fault', () => {
    const file = join(folder, 'portcullis.yaml');
    writeFileSync(file, 'data: elsewhere');
    const loaded = loadConfig({ file, env: {}, flags: {} });
    expect(loaded.ok && loaded.config.data).toBe('elsewhere');
    const missing = loadConfig({ file: `${file}.no`, env: {}, flags: {} });
    expect(missing.ok ? [] : missing.problems.map(formatProblem)).toEqual([`${file}.no: does not exist`]);
  });
});

describe('whatever it reads, the loader answers', () => {
  const answers = (text: string, env: Record<string, string> = {}) => {
    const loaded = load(text, env);
    expect(loaded.ok || loaded.problems.length > 0).toBe(true);
  };

  test('random JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => answers(text)),
      { numRuns: 500 },
    );
  });

  test('random text', () => {
    const yamlish = fc.string({ unit: fc.constantFrom(...'ab:-[]{}&*!|>\'"%@`#,?$\n \t') });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), yamlish), (text) => answers(text)),
      { numRuns: 1_000 },
    );
  });

  test('the right keys with random values', () => {
    const keys = [
      'server',
      'apps',
      'data',
      'engine',
      'host',
      'port',
      'id',
      'keys',
      'access',
      'identity',
      'jwt',
      'alg',
      'secret',
      'pem',
      'jwks',
      'channels',
      'target',
      'nested',
      'history',
      'publicMessaging',
      'limits',
      'origins',
      'publicUrl',
      'tls',
    ];
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom('HS256', 'on', 'https://x', 'a/*', '1MiB', '-----BEGIN PRIVATE KEY-----'),
        fc.jsonValue({ maxDepth: 1 }),
        fc.dictionary(fc.constantFrom(...keys), tie('value')),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
    }));
    const document = fc.dictionary(fc.constantFrom(...keys), value);
    fc.assert(
      fc.property(document, (data) => answers(JSON.stringify(data))),
      { numRuns: 1_000 },
    );
  });

  test('random environment variables', () => {
    const part = fc.constantFrom(
      'SERVER',
      'APPS',
      'DEMO',
      'KEYS',
      'SECRET',
      'CHANNELS',
      '1',
      'IDENTITY',
      'JWT',
      'ACCESS',
      'PORT',
      '',
      'X',
    );
    const env = fc.dictionary(
      fc.array(part, { maxLength: 6 }).map((parts) => `PORTCULLIS_${parts.join('_')}`),
      fc.string(),
    );
    fc.assert(
      fc.property(env, (variables) => answers('apps: [{ id: demo }]', variables)),
      { numRuns: 500 },
    );
  });

  test('depth and aliases are bounded', () => {
    answers('['.repeat(20_000));
    answers(`data: ${'{a: '.repeat(500)}`);
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'
        .split('')
        .map(
          (name, i) =>
            `${name}: &${name} [${'*abcdefgh'.slice(0, 1)}${'abcdefgh'[i]}${`,*${'abcdefgh'[i]}`.repeat(8)}]`,
        ),
    ];
    answers(bomb.join('\n'));
  });
});

describe('the PubNub door', () => {
  const app = (pubnub: string) =>
    `apps: [ { id: a, keys: { publish: p, subscribe: s, secret: ${SECRET} }, pubnub: { ${pubnub} } } ]`;

  test('has the vendor’s limits unless others are given', () => {
    const [defaults] = good(app('')).apps;
    expect(defaults?.pubnub).toMatchObject({
      strictNames: false,
      maxUrl: 32_768,
      signatureWindow: 60_000,
      pollTimeout: 280_000,
      reactionsPerMessage: 10_000,
      rateReactions: Number.POSITIVE_INFINITY,
      rateObjects: Number.POSITIVE_INFINITY,
      filesPerApp: 100_000,
      filesBytes: 10 * 2 ** 30,
    });
    expect(defaults?.replay).toEqual({ messages: 1_000, age: 1_200_000, memory: 2 ** 28, keys: 100_000 });
    const [given] = good(app('strictNames: on, signatureWindow: 10s, signal: 128')).apps;
    expect(given?.pubnub).toMatchObject({ strictNames: true, signatureWindow: 10_000, signal: 128 });
  });

  test.each([
    [
      'minPresenceTimeout: 10m, maxPresenceTimeout: 5m',
      'apps.a.pubnub.minPresenceTimeout: is more than maxPresenceTimeout',
    ],
    ['presenceTimeout: 2h', 'apps.a.pubnub.presenceTimeout: is not between minPresenceTimeout and maxPresenceTimeout'],
    ['maxUrI: 1KiB', 'apps.a.pubnub.maxUrI: '],
    ['presenceEvents: [{ target: a/* }]', 'apps.a.pubnub.presenceEvents.1.target: a * needs nested channels'],
    ['presenceEvents: [{ target: a, events: [joins] }]', 'did you mean'],
    ['fileLink: 61s', 'apps.a.pubnub.fileLink: expected a duration from 1s to 1m'],
  ])('%s is refused', (pubnub, problem) => {
    expect(problems(app(pubnub)).join('\n')).toContain(problem);
  });

  test('is warned of addresses that would never arrive', () => {
    expect(warnings(app('maxUrl: 1MiB')).join('\n')).toContain('apps.a.pubnub.maxUrl: is more than server.maxHeader');
  });
});
