import { parseGrant } from '@portcullis/policy';
import { describe, expect, test } from 'vitest';
import { CONFIG, createWorld } from './io.fixture.ts';

const { run } = createWorld({ files: { 'portcullis.yaml': CONFIG } });
const other = createWorld({
  files: { 'portcullis.yaml': CONFIG.replaceAll('a-se', 'b-se').replaceAll('a-shared', 'b-shared') },
});

describe('grant', () => {
  test('mints a token that says what was asked for', async () => {
    const { code, out } = await run(
      'grant --app grants --ttl 90m --user anna --read chat news --write chat --pattern read,write:room-.+ --group read:all'.split(
        ' ',
      ),
    );
    expect(code).toBe(0);
    const parsed = parseGrant(out);
    if (!parsed.ok) throw new Error(parsed.reason);
    const { grant } = parsed;
    expect(grant).toMatchObject({ ttl: 90, authorizedUser: 'anna' });
    expect([...grant.resources.channels]).toEqual([
      ['chat', 3],
      ['news', 1],
    ]);
    expect([...grant.resources.groups]).toEqual([['all', 1]]);
    expect([...grant.patterns.channels]).toEqual([['room-.+', 3]]);
  });

  test('takes PubNub’s permissions as JSON', async () => {
    const json = JSON.stringify({ resources: { channels: { chat: 3, news: ['read'] } }, meta: { plan: 'pro' } });
    const { out } = await run(['grant', '--app', 'grants', '--permissions', json]);
    const parsed = parseGrant(out);
    expect(parsed.ok && [...parsed.grant.resources.channels]).toEqual([
      ['chat', 3],
      ['news', 1],
    ]);
    expect(parsed.ok && parsed.grant.meta).toEqual({ plan: 'pro' });
  });

  test('two grants of the same are two tokens', async () => {
    const argv = ['grant', '--app', 'grants', '--read', 'chat'];
    expect((await run(argv)).out).not.toBe((await run(argv)).out);
  });

  test('warns of a pattern that looks like a glob, and of an app whose grants are off', async () => {
    const { code, err } = await run(['grant', '--app', 'demo', '--pattern', 'read:chat-*']);
    expect(code).toBe(0);
    expect(err).toContain('warning: patterns.channels "chat-*"');
    expect(err).toContain('the app "demo" has grants off');
  });

  test.each([
    [['--read', 'chat', '--ttl', '31d'], 1, 'ttl'],
    [['--read', 'chat', '--ttl', 'soon'], 2, '--ttl takes a duration'],
    [[], 2, 'what is to be permitted?'],
    [['--pattern', 'chat-.*'], 2, '--pattern takes PERMISSIONS:REGEX'.slice(0, 20)],
    [['--pattern', 'raed:chat'], 2, '"raed" is no permission, did you mean "read"?'],
    [['--pattern', 'read:chat('], 1, 'patterns.channels "chat("'],
    [['--permissions', '{'], 2, '--permissions is not JSON'],
    [['--permissions', '{"resource":{}}'], 2, 'permissions have no "resource", did you mean "resources"?'],
    [['--permissions', '{}', '--read', 'x'], 2, '--permissions stands alone'],
  ])('grant %j is refused', async (argv, code, message) => {
    const ran = await run(['grant', '--app', 'grants', ...argv]);
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(message);
    expect(ran.out).toBe('');
  });

  test('names the apps there are', async () => {
    expect((await run(['grant', '--read', 'x'])).err).toContain('--app is required: demo, grants');
    expect((await run(['grant', '--app', 'grant', '--read', 'x'])).err).toContain(
      'no app "grant", did you mean "grants"?',
    );
  });
});

describe('parse', () => {
  test('shows a permission token and verifies it only with a configuration', async () => {
    const { out: token } = await run([
      'grant',
      '--app',
      'grants',
      '--user',
      'anna',
      '--read',
      'chat',
      '--pattern',
      'write:room-.+',
    ]);
    const plain = await run(['parse'], `${token}\n`);
    expect(plain.code).toBe(0);
    expect(plain.out).toMatch(
      /form +permission token\nid +\S+\nissued +20.*\nexpires +20.*\(in 60 min\)\nuser +anna\n/,
    );
    expect(plain.out).toContain('"chat": read');
    expect(plain.out).toContain('"room-.+": write');
    expect(plain.out).toContain('not checked');
    expect(plain.out).not.toContain(token);
    const verified = await run(['parse', '--config', 'portcullis.yaml'], token);
    expect(verified).toMatchObject({ code: 0, out: expect.stringContaining('valid for the app "grants"') });
    const foreign = await other.run(['parse', '--config', 'portcullis.yaml', '--app', 'demo'], token);
    expect(foreign).toMatchObject({ code: 1, out: expect.stringContaining('not valid: demo: identity.bad-signature') });
  });

  test('shows a JWT', async () => {
    const { out: token } = await run([
      'token',
      '--app',
      'demo',
      '--user',
      'anna',
      '--extras',
      '{"name":"Anna"}',
      '--ttl',
      '15m',
    ]);
    const { out, code } = await run(['parse', '--config', 'portcullis.yaml', '--app', 'demo'], token);
    expect(code).toBe(0);
    expect(out).toContain('user         anna');
    expect(out).toContain('extras       {"name":"Anna"}');
    expect(out).toContain('valid for the app "demo", key main');
    expect((await other.run(['parse', '--config', 'portcullis.yaml', '--app', 'demo'], token)).code).toBe(1);
  });

  test.each([['what is this?'], [''], ['a.b'], ['qEF2AkF0']])('refuses %j', async (text) => {
    expect((await run(['parse'], text)).code).toBe(1);
  });

  test('takes no token from the command line', async () => {
    const { out: token } = await run(['grant', '--app', 'grants', '--read', 'chat']);
    const { code, err } = await run(['parse', token]);
    expect(code).toBe(2);
    expect(err).toContain('seen by others');
  });
});

describe('token', () => {
  test('carries a grant bound to the same user, and refuses another’s', async () => {
    const { out: grant } = await run(['grant', '--app', 'demo', '--user', 'anna', '--read', 'chat']);
    const carried = await run(['token', '--app', 'demo', '--user', 'anna', '--grant', '-'], grant);
    expect(carried.code).toBe(0);
    expect((await run(['parse'], carried.out)).out).toContain('carries      a permission token');
    const foreign = await run(['token', '--app', 'demo', '--user', 'bob', '--grant', '-'], grant);
    expect(foreign).toMatchObject({ code: 1, err: expect.stringContaining('identity.user-mismatch') });
  });

  test.each([
    [['--app', 'grants', '--user', 'a'], 1, 'no shared secret'],
    [['--app', 'demo'], 2, '--user is required'],
    [['--app', 'demo', '--user', 'a', '--extras', '[]'], 2, '--extras is a JSON object'],
    [['--app', 'demo', '--user', 'a', '--ttl', '15'], 2, '--ttl takes a duration'],
  ])('token %j is refused', async (argv, code, message) => {
    const ran = await run(['token', ...argv]);
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(message);
  });
});
