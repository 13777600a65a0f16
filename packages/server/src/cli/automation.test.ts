import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Hook, openHook, WEBHOOK_SECRET } from '../actions/webhook.fixture.ts';
import { ONE_APP, startServer, type TestServer } from '../serve.fixture.ts';
import { createWorld } from './io.fixture.ts';

/** The commands for actions and triggers, against a server that runs. */
let hook: Hook;
let server: TestServer;
let run: (line: string, ...more: string[]) => Promise<{ code: number; out: string; err: string }>;

const RULE = '      - { target: news, anonymousClients: true }\n';
const automation = (url: string) => `      - { target: news, anonymousClients: true, publicMessaging: true }
    triggers:
      - { channel: news, on: message, steps: [ { when: 'payload.text == "spam"', block: no advertising } ] }
    actions:
      - name: hook
        on: [event.sent]
        do: [ { id: post, webhook: { url: "${url}", secret: ${WEBHOOK_SECRET} }, retry: { attempts: 1, base: 10ms, max: 10ms } } ]
`;

beforeAll(async () => {
  hook = await openHook();
  const text = ONE_APP.replace('port: 0,', 'port: 0, outbound: { private: allow },');
  server = await startServer(text.replace(RULE, automation(hook.url)));
  const world = createWorld({ files: { 'portcullis.yaml': ONE_APP }, fetch: (url, init) => fetch(url, init) });
  run = (line, ...more) => world.run([...line.split(' '), ...more, '--url', server.adminUrl]);
});
afterAll(async () => {
  await server?.stop();
  await hook?.close();
});

const letters = async () => (await server.admin('GET', '/apps/shop/dead-letters')).body.total;
const send = (n: number) => server.admin('POST', '/apps/shop/events', { channel: 'news', data: { n } });

test('actions are listed, their dead letters shown and replayed, after a dry run', async () => {
  expect(await run('actions list')).toEqual({
    code: 0,
    err: '',
    out: 'hook (from the file): event.sent\n  hook/post: 0 waiting; 0 done, 0 failed attempts, 0 dead, 0 dropped',
  });
  hook.answer(503);
  for (const n of [1, 2, 3]) await send(n);
  await expect.poll(letters, { timeout: 10_000 }).toBe(3);
  const shown = await run('actions dead-letters --action hook/post --limit 2');
  expect(shown.out.split('\n')).toEqual([
    expect.stringMatching(/^\d+ {2}hook\/post in news, of .*Z: answered 5\d\d \(1 attempt\)$/),
    expect.stringMatching(/^\d+ {2}hook\/post in news/),
    expect.stringMatching(/^2 of 3 dead letters; go on with --before \d+$/),
  ]);
  const [first = ''] = /^\d+/.exec(shown.out) ?? [];
  const dry = await run('actions replay --all --action hook/post --dry-run');
  expect(dry.out).toMatch(new RegExp(`^would replay 3: \\d+ \\d+ ${first}$`));
  expect(await letters()).toBe(3);
  hook.answer(200);
  const before = hook.received.length;
  expect(await run(`actions replay ${first}`)).toMatchObject({ code: 0, out: 'Replayed 1 of 1.' });
  expect(await run(`actions replay ${first}`)).toMatchObject({ code: 1, out: 'Replayed 0 of 1.' });
  expect(await run('actions replay --all')).toMatchObject({ code: 0, out: 'Replayed 2 of 2.' });
  await expect.poll(() => hook.received.length - before, { timeout: 10_000 }).toBe(3);
  const heard = hook.received.slice(before).map(({ body }) => body.data.data.message.n);
  expect(heard).toEqual([3, 1, 2]);
  expect((await run('actions dead-letters')).out).toBe('0 of 0 dead letters');
  expect(JSON.parse((await run('actions dead-letters --json')).out)).toMatchObject({ letters: [], total: 0 });
});

test('a listener is tried on a sample', async () => {
  const tried = await run('actions dry-run hook --sample', '{"type":"event.sent","channel":"news"}');
  expect(tried.out).toMatch(/^.*Z {2}event\.sent in news: taken\n1 of 1 events would be taken$/);
  const other = await run('actions dry-run hook --sample', '{"type":"ban.created"}');
  expect(other.out).toMatch(/ban\.created: left out \(type\)\n0 of 1/);
  expect(await run('actions dry-run nobody')).toMatchObject({ code: 1, err: expect.stringContaining('not-found') });
});

test('triggers are listed and tried, and their runs shown', async () => {
  expect((await run('triggers list')).out).toBe('1  news on message: 1 step (from the file)');
  const sample = (text: string) =>
    JSON.stringify({ action: 'message', channel: 'news', user: 'ada', payload: { text } });
  const blocked = await run('triggers dry-run --sample', sample('spam'));
  expect(blocked.out.split('\n')).toEqual([
    expect.stringMatching(
      /Z {2}message of user:ada in news: refused with trigger\.blocked \(no advertising\), [\d.e-]+ ms$/,
    ),
    '  trigger 1, step 1 (block): block',
    '1 run; of 0 no trigger is asked',
  ]);
  expect((await run('triggers dry-run --sample', sample('hello'))).out).toMatch(/in news: passes, /);
  expect((await run('triggers runs')).out).toBe('no runs');
  const said = await fetch(`${server.url}/v1/publish?key=sub-shop`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ channel: 'news', data: { text: 'spam' } }),
  });
  expect(said.status).toBe(403);
  expect((await run('triggers runs --limit 1')).out).toMatch(/^.* message of anonymous in news: refused with trigger/);
});

test.each([
  ['actions replay', 'name the dead letters'],
  ['actions replay 1 --all', 'name the dead letters'],
  ['actions replay x', '--ID takes a whole number'],
  ['actions replay 1 --action a', '--action is for --all'],
  ['actions dead-letters --limit 0', '--limit takes a whole number'],
  ['actions dry-run', 'name one listener'],
  ['triggers dry-run', 'one of --sample JSON, --recent and --channel CHANNEL'],
  ['triggers dry-run --recent --sample {}', 'one of --sample JSON, --recent and --channel CHANNEL'],
  ['triggers dry-run --sample {} --limit 1', '--limit is for'],
])('%s is refused before anything is asked', async (line, message) => {
  expect(await run(line)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(message) });
});
