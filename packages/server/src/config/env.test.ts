import { describe, expect, test } from 'vitest';
import { variableNames } from './env.ts';
import { loadText } from './load.ts';
import { formatProblem } from './problem.ts';
import { rootSchema } from './schema/root.ts';
import { shapeOf } from './shape.ts';
import type { ServerConfig } from './types.ts';

const FILE = `
apps:
  - id: demo
    connectionHash: h
    channels:
      - { target: a, publicMessaging: on }
      - { target: b }
  - { id: my-app, connectionHash: i }
`;

function read(env: Record<string, string>, text = FILE): ServerConfig {
  const loaded = loadText({ name: 'p.yaml', text, env, flags: {} });
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.config;
}

function problems(env: Record<string, string>, text = FILE): string[] {
  const loaded = loadText({ name: 'p.yaml', text, env, flags: {} });
  return loaded.ok ? [] : loaded.problems.map(formatProblem);
}

describe('a variable for every key', () => {
  test('plain values of every kind', () => {
    const { server } = read({
      PORTCULLIS_SERVER_PORT: '8080',
      PORTCULLIS_SERVER_ADMIN_TOKEN: '00000000000000000000000000000001',
      PORTCULLIS_SERVER_PING_INTERVAL: '10s',
      PORTCULLIS_SERVER_OUTBOUND_PRIVATE: 'allow',
      PORTCULLIS_SERVER_PLAYGROUND: 'on',
    });
    expect(server).toMatchObject({ port: 8080, adminToken: '00000000000000000000000000000001', pingInterval: 10_000 });
    expect(server).toMatchObject({ outbound: { private: 'allow' }, playground: 'on' });
  });

  test('items of lists by their id, rules and JWT keys also by position from 1', () => {
    const { apps } = read({
      PORTCULLIS_APPS_DEMO_KEYS_SUBSCRIBE: 'sub-x',
      PORTCULLIS_APPS_MY_APP_ENABLED: 'off',
      PORTCULLIS_APPS_DEMO_CHANNELS_2_HISTORY: '25',
      PORTCULLIS_APPS_DEMO_LIMITS_RATE_PER_USER: '5',
    });
    expect(apps[0]?.keys.subscribe).toBe('sub-x');
    expect(apps[1]?.enabled).toBe(false);
    expect(apps[0]?.channels.map(({ history }) => history)).toEqual([0, 25]);
    expect(apps[0]?.limits.ratePerUser).toBe(5);
  });

  test('a key within a switch keeps what the plain value said', () => {
    const { apps } = read({ PORTCULLIS_APPS_DEMO_CHANNELS_1_PUBLIC_MESSAGING_AUTHENTICATED_ONLY: 'on' });
    expect(apps[0]?.channels[0]?.publicMessaging).toEqual({ enabled: true, authenticatedOnly: true });
  });

  test('lists and sections as YAML or JSON, lists of words with commas', () => {
    const { server, apps } = read({
      PORTCULLIS_SERVER_ORIGINS: 'https://a.example, https://b.example',
      PORTCULLIS_SERVER_TRUSTED_PROXIES: '["10.0.0.0/8"]',
      PORTCULLIS_APPS_DEMO_ACCESS: 'open',
      PORTCULLIS_APPS_MY_APP_CHANNELS: '[{"target": "x", "presence": true}]',
    });
    expect(server).toMatchObject({
      origins: ['https://a.example', 'https://b.example'],
      trustedProxies: ['10.0.0.0/8'],
    });
    expect(apps[0]?.access.open).toBe(true);
    expect(apps[1]?.channels[0]).toMatchObject({ target: 'x', presence: true });
  });

  test('a whole section first, then the keys within it', () => {
    const { apps } = read({
      PORTCULLIS_APPS_DEMO_ACCESS_PATTERN_MATCH: 'search',
      PORTCULLIS_APPS_DEMO_ACCESS: '{ rules: on, patternMatch: full }',
    });
    expect(apps[0]?.access.patternMatch).toBe('search');
  });

  test('an app that no file names', () => {
    const { apps } = read({ PORTCULLIS_APPS_SHOP_CONNECTION_HASH: 'hash', PORTCULLIS_APPS_SHOP_TOKEN_GRACE: '5s' }, '');
    expect(apps).toHaveLength(1);
    expect(apps[0]).toMatchObject({ id: 'shop', connectionHash: 'hash', tokenGrace: 5_000 });
  });

  test('text that looks like a number or a switch stays text', () => {
    expect(read({ PORTCULLIS_APPS_DEMO_CONNECTION_HASH: '123' }).apps[0]?.connectionHash).toBe('123');
    expect(read({ PORTCULLIS_DATA: 'true' }).data).toBe('true');
  });
});

describe('what is wrong with a variable', () => {
  test.each<[Record<string, string>, string[]]>([
    [
      { PORTCULLIS_SERVER_PROT: '1' },
      ['PORTCULLIS_SERVER_PROT: no key has this variable, did you mean "PORTCULLIS_SERVER_PORT"?'],
    ],
    [{ PORTCULLIS_SERVER_PORT: '' }, ['PORTCULLIS_SERVER_PORT server.port: is empty']],
    [
      { PORTCULLIS_APPS_DEMP_KEYS_SUBSCRIBE: 'x' },
      [
        'PORTCULLIS_APPS_DEMP_KEYS_SUBSCRIBE: no key has this variable, did you mean "PORTCULLIS_APPS_DEMO_KEYS_SUBSCRIBE"?',
      ],
    ],
    [{ PORTCULLIS_APPS: 'x' }, ['PORTCULLIS_APPS apps: expected YAML or JSON']],
    [
      { PORTCULLIS_APPS_DEMO_CHANNELS_3_HISTORY: '1' },
      ['PORTCULLIS_APPS_DEMO_CHANNELS_3_HISTORY: no key has this variable'],
    ],
    [
      { PORTCULLIS_APPS_DEMO_CHANNELS_2_HISTORY: 'x' },
      ['PORTCULLIS_APPS_DEMO_CHANNELS_2_HISTORY apps.demo.channels.2.history: expected a whole number'],
    ],
    [
      { PORTCULLIS_APPS_DEMO_CHANNELS: '[{"target": "x", "hitory": 1}]' },
      ['PORTCULLIS_APPS_DEMO_CHANNELS apps.demo.channels.1.hitory: unknown key, did you mean "history"?'],
    ],
  ])('%o', (env, lines) => {
    const found = problems(env);
    expect(found).toHaveLength(lines.length);
    for (const [index, line] of lines.entries()) expect(found[index]).toContain(line);
  });

  test('what Kubernetes sets for a service named portcullis is not ours', () => {
    const kubernetes = {
      PORTCULLIS_PORT: 'tcp://10.0.0.1:7070',
      PORTCULLIS_SERVICE_HOST: '10.0.0.1',
      PORTCULLIS_SERVICE_PORT: '7070',
      PORTCULLIS_SERVICE_PORT_HTTP: '7070',
      PORTCULLIS_PORT_7070_TCP: 'tcp://10.0.0.1:7070',
      PORTCULLIS_PORT_7070_TCP_ADDR: '10.0.0.1',
    };
    expect(problems(kubernetes)).toEqual([]);
  });
});

test('no two keys have the same variable', () => {
  const names = variableNames(shapeOf(rootSchema), { apps: [{ id: 'demo', channels: [{}], identity: { jwt: [{}] } }] });
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain('PORTCULLIS_APPS_DEMO_KEYS_SECRET');
});
