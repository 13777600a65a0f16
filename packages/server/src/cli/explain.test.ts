import { describe, expect, test } from 'vitest';
import { CONFIG, createWorld } from './io.fixture.ts';

const { run } = createWorld({ files: { 'portcullis.yaml': CONFIG } });
const offline = (rest: string) => run(['explain', '--offline', '--app', 'demo', ...rest.split(' ')]);

describe('explain --offline', () => {
  test.each([
    ['--operation join --channel chatroom/1 --anonymous', 0, 'allowed by rule 1'],
    ['--operation join --channel members --anonymous', 1, 'denied: channel.anonymous-not-allowed by rule 2'],
    ['--operation join --channel members --user anna', 0, 'allowed by rule 2'],
    ['--operation join --channel elsewhere --user anna', 1, 'denied: channel.no-rule'],
    ['--operation publish --channel chatroom/1', 1, 'denied: channel.public-messaging-authenticated-only'],
    ['--operation publish --channel chatroom/1 --user anna', 0, 'allowed by rule 1, to everyone'],
    ['--operation publish --to session --channel members --user anna', 0, 'to session'],
    [
      '--operation publish --to anonymous-session --channel members --user anna',
      1,
      'denied: channel.private-messaging-authenticated-only',
    ],
    ['--operation roster --channel members --user anna', 1, 'denied: channel.presence-off'],
  ])('%s', async (argv, code, head) => {
    const ran = await offline(argv);
    expect(ran.err).toBe('');
    expect(ran.out.split('\n')[0]).toContain(head);
    expect(ran.code).toBe(code);
  });

  test('numbers the steps and says the fix', async () => {
    const { out } = await offline('--operation join --channel members --anonymous');
    expect(out).toMatch(/\n *1\. \[app\] /);
    expect(out).toMatch(/\nfix: .+/);
  });

  test('asks as the bearer of a token, and says why one proves nothing', async () => {
    const { out: token } = await run(['token', '--app', 'demo', '--user', 'anna']);
    const bearer = await run(
      ['explain', '--offline', '--app', 'demo', '--operation', 'join', '--channel', 'members', '--token', '-'],
      token,
    );
    expect(bearer.code).toBe(0);
    const broken = await run(
      ['explain', '--offline', '--app', 'demo', '--operation', 'join', '--channel', 'members', '--token', '-'],
      `${token}x`,
    );
    expect(broken).toMatchObject({ code: 1, out: expect.stringContaining('denied: identity.') });
  });

  test('prints JSON', async () => {
    const { out } = await offline('--operation join --channel members --anonymous --json');
    expect(JSON.parse(out)).toMatchObject({ allowed: false, code: 'channel.anonymous-not-allowed' });
  });

  test.each([
    ['--operation jion --channel x', 'there is no operation "jion", did you mean "join"?'],
    ['--operation publish --to everybody --channel x', '"everybody" is no audience'],
    ['--operation join --to everyone --channel x', 'goes to nobody in particular'],
    ['--operation join --channel x --anonymous --user a', '--anonymous has neither'],
    ['--channel x', '--operation is required'],
  ])('%s is refused', async (argv, message) => {
    const ran = await offline(argv);
    expect(ran.code).toBe(2);
    expect(ran.err).toContain(message);
  });
});

/** A server that answers every call with the same, and remembers the calls. */
function fakeServer(status: number, answer: unknown) {
  const calls: { url: string; authorization: string | null; body: unknown }[] = [];
  const world = createWorld({
    files: { 'portcullis.yaml': CONFIG },
    fetch: (url, init) => {
      calls.push({
        url,
        authorization: new Headers(init.headers).get('authorization'),
        body: JSON.parse(String(init.body)),
      });
      return Promise.resolve(new Response(typeof answer === 'string' ? answer : JSON.stringify(answer), { status }));
    },
  });
  return { calls, run: world.run };
}

describe('calls to the running server', () => {
  test('explain asks it', async () => {
    const steps = [{ gate: 'channel', question: 'Is there a rule?', answer: 'no', detail: 'none' }];
    const { calls, run: ask } = fakeServer(200, {
      allowed: false,
      code: 'channel.no-rule',
      by: { gate: 'channel' },
      steps,
      fix: 'Add one.',
    });
    const ran = await ask('explain --app demo --operation publish --channel x --user anna --row 7'.split(' '));
    expect(ran).toEqual({
      code: 1,
      err: '',
      out: 'denied: channel.no-rule\n\n1. [channel] Is there a rule? no: none\n\nfix: Add one.',
    });
    expect(calls).toEqual([
      {
        url: 'http://127.0.0.1:7070/admin/v1/apps/demo/explain',
        authorization: 'Bearer an-admin-token-of-more-than-32-characters',
        body: { operation: 'publish', target: { to: 'everyone' }, channel: 'x', user: 'anna', row: 7 },
      },
    ]);
  });

  test('publish sends JSON, text, or standard input', async () => {
    const { calls, run: send } = fakeServer(200, { position: null, timetoken: '17', delivered: 3 });
    const base = ['publish', '--app', 'demo', '--channel', 'news', '--url', 'http://other:1/'];
    expect((await send([...base, '--data', '{"a":1}', '--table', '2', '--row', 'x'])).out).toBe(
      'Sent to 3 sessions, timetoken 17.',
    );
    await send([...base, '--text', 'hello', '--user', 'anna']);
    await send([...base, '--data', '-'], '[1]');
    expect(calls.map(({ body }) => body)).toEqual([
      { channel: 'news', data: { a: 1 }, table: 2, row: 'x' },
      { channel: 'news', data: 'hello', user: 'anna' },
      { channel: 'news', data: [1] },
    ]);
    expect(calls[0]?.url).toBe('http://other:1/admin/v1/apps/demo/events');
  });

  test('revoke names one subject', async () => {
    const { calls, run: take } = fakeServer(201, { ids: [1], epoch: 4, timetoken: '18' });
    const { out } = await take('revoke --app demo --user mallory --channel x --reason gone'.split(' '));
    expect(out).toContain('epoch 4');
    await take('revoke --app demo --issued-before 2026-01-01T00:00:00Z'.split(' '));
    await take('revoke --app demo --token-id abc'.split(' '));
    expect(calls.map(({ body }) => body)).toEqual([
      { user: 'mallory', channel: 'x', reason: 'gone' },
      { issuedBefore: 1_767_225_600 },
      { tokenId: 'abc' },
    ]);
    expect((await take(['revoke', '--app', 'demo', '--reason', 'x'])).code).toBe(2);
  });

  test('a refusal is told with its code, its errors and its fix', async () => {
    const { run: send } = fakeServer(400, {
      code: 'request.malformed',
      detail: 'No.',
      errors: [{ path: 'data', message: 'expected' }],
      fix: 'Do.',
    });
    const { code, err } = await send('publish --app demo --channel x --text y'.split(' '));
    expect({ code, err }).toEqual({
      code: 1,
      err: 'portcullis publish: request.malformed: No.\n  data: expected\nfix: Do.',
    });
  });

  test('another server at the address, or none', async () => {
    const { run: html } = fakeServer(502, '<html>');
    expect((await html('publish --app demo --channel x --text y'.split(' '))).err).toContain('status 502');
    expect((await fakeServer(200, {}).run('explain --app demo --operation join --channel x'.split(' '))).err).toContain(
      'gave no decision',
    );
    expect((await run('publish --app demo --channel x --text y'.split(' '))).err).toContain(
      'cannot reach http://127.0.0.1:7070',
    );
  });

  test('without an admin token it says where to set one', async () => {
    const bare = createWorld();
    const { code, err } = await bare.run('publish --app demo --channel x --text y'.split(' '));
    expect(code).toBe(2);
    expect(err).toContain('PORTCULLIS_SERVER_ADMIN_TOKEN');
  });
});
