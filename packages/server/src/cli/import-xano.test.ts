import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadText } from '../config/index.ts';
import { createWorld } from './io.fixture.ts';

const JSON_EXPORT = JSON.stringify({
  enabled: true,
  hash: 'lFkl9-Xq0aU1b2c3d4e5f6g7h8i',
  channels: [
    {
      id: 1,
      pattern: 'chatroom/*',
      enabled: true,
      description: 'Public rooms',
      wildcard: true,
      presence: true,
      anonymous_clients: true,
      client_public_messaging: true,
      client_public_messaging_authenticated_only: true,
      client_authenticated_messaging: false,
      client_private_messaging: false,
      client_private_messaging_authenticated_only: true,
      history: 100,
    },
    { id: 2, pattern: 'room:*', enabled: true, wildcard: false },
    { id: 3, pattern: 'old', enabled: false, history: 0, surprise: true },
    { id: 4, pattern: 'chatroom/*', enabled: true, wildcard: true },
  ],
});

const XANOSCRIPT = `
// exported
realtime_channel "team/*" {
  description = "Members' rooms"
  public_messaging = {active: false}
  private_messaging = {active: true, auth: true}
  settings = {
    anonymous_clients: true
    nested_channels  : true
    message_history  : 250
    auth_channel     : true
    presence         : true
  }
}

realtime_channel "off" {
  active = false
  settings = { anonymous_clients: false, nested_channels: false, message_history: 0, auth_channel: false, presence: false }
}

realtime_trigger "moderate" {
  channel = "team/*"
  actions = {join: true, message: true}
  input { enum action { values = ["message", "join"] } }
  stack { precondition ($input.payload != null) { error = "no {payload}" } }
  response = $input.payload
}
`;

const { run } = createWorld({
  files: {
    'realtime.json': JSON_EXPORT,
    'team.xs': XANOSCRIPT,
    'bad.xs': 'realtime_channel "x" {',
    'bad.json': '{"a":1}',
  },
});

test('the metadata API’s JSON becomes rules, with notes on the rest', async () => {
  const { code, out } = await run(['import', 'xano', 'realtime.json']);
  expect(code).toBe(0);
  expect(parse(out)).toEqual({
    channels: [
      {
        target: 'chatroom/*',
        nested: true,
        description: 'Public rooms',
        anonymousClients: true,
        presence: true,
        publicMessaging: { authenticatedOnly: true },
        privateMessaging: { enabled: false, authenticatedOnly: true },
        history: 100,
      },
      { target: 'old', enabled: false },
    ],
  });
  expect(out).toContain(
    '# The connection hash of the workspace goes to the app: connectionHash: "lFkl9-Xq0aU1b2c3d4e5f6g7h8i"',
  );
  expect(out).toContain('# "room:*": left out, as a * needs nested channels');
  expect(out).toContain('# "old": not understood: surprise.');
  expect(out).toContain('# "chatroom/*": left out, as another rule has the same target.');
});

test('XanoScript becomes rules, and triggers a note', async () => {
  const { code, out } = await run(['import', 'xano', 'team.xs']);
  expect(code).toBe(0);
  expect(parse(out)).toEqual({
    channels: [
      {
        target: 'team/*',
        nested: true,
        description: "Members' rooms",
        anonymousClients: true,
        presence: true,
        authenticatedMessaging: true,
        privateMessaging: { authenticatedOnly: true },
        history: 250,
      },
      { target: 'off', enabled: false },
    ],
  });
  expect(out).toContain('# Triggers are not imported: moderate on team/*.');
  expect(out).toContain('# "team/*": anonymous clients may join');
});

test('what is printed is taken by the configuration as it stands', async () => {
  const { out } = await run(['import', 'xano', 'realtime.json', 'team.xs']);
  const app = `apps:\n  - id: a\n    connectionHash: h\n${out.replaceAll(/^/gm, '    ')}`;
  const loaded = loadText({ name: 'x', text: app, env: {}, flags: {} });
  expect(loaded.ok ? loaded.config.apps[0]?.channels : loaded.problems).toHaveLength(4);
});

describe('what cannot be read', () => {
  test.each([
    ['bad.xs', 1, 'bad.xs: the file ends where } is expected'],
    ['bad.json', 1, 'neither the metadata API'],
    ['none.json', 1, 'none.json cannot be read (ENOENT)'],
  ])('%s', async (file, code, message) => {
    const ran = await run(['import', 'xano', file]);
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(message);
  });

  test('no file at all', async () => {
    expect((await run(['import', 'xano'])).code).toBe(2);
  });
});
