import { expect, test } from 'vitest';
import { createWorld } from './io.fixture.ts';

const FILE = `
server: { port: 0, log: silent, adminToken: demo-admin-token }
data: ":memory:"
apps:
  - id: demo
    connectionHash: demo-hash
    keys: { secret: sec-demo-secret }
    access: { rules: on, grants: off }
    identity: { jwt: [{ alg: HS256, secret: demo-jwt-secret-of-more-than-32-bytes }] }
`;

test('serve says where it is and what is next, answers /readyz, and ends with 0 when it is told to stop', async () => {
  let stop = () => {};
  const world = createWorld({
    files: { 'portcullis.yaml': FILE },
    untilStopped: () =>
      new Promise<void>((resolve) => {
        stop = resolve;
      }),
  });
  const lines: string[] = [];
  const ended = world.run(['serve'], '', (line) => lines.push(line));
  await expect.poll(() => lines.join('\n'), { timeout: 10_000 }).toContain('Portcullis is ready at http://127.0.0.1:');
  const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(lines.join('\n')) ?? [];
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  const port = new URL(url).port;
  const second = await createWorld({ files: { 'portcullis.yaml': FILE } }).run(['serve', '--port', port]);
  expect(second).toMatchObject({ code: 1, err: expect.stringContaining('cannot start: listen EADDRINUSE') });
  stop();
  expect(await ended).toMatchObject({ code: 0, out: '' });
  const said = lines.join('\n');
  expect(said).toContain(`ws://127.0.0.1:${port}/rt/demo-hash`);
  expect(said).toContain('five permission templates');
  expect(said.match(/^warning: .*adminToken/gm)).toHaveLength(1);
  expect(said).toContain(`npx portcullis explain --url ${url} --operation join`);
  for (const secret of ['demo-admin-token', 'sec-demo-secret', 'demo-jwt-secret']) expect(said).not.toContain(secret);
});

test.each([
  ['the file it was given', ['--config', 'other file.yaml'], {}],
  ['the file of the environment', [], { PORTCULLIS_CONFIG: 'other file.yaml' }],
])('the question that serve proposes is answered by the server it started, from %s', async (_, argv, env) => {
  let stop = () => {};
  const { run, cwd } = createWorld({
    files: { 'other file.yaml': FILE },
    env,
    fetch: (url, init) => fetch(url, init),
    untilStopped: () => new Promise<void>((resolve) => (stop = resolve)),
  });
  const lines: string[] = [];
  const ended = run(['serve', ...argv], '', (line) => lines.push(line));
  await expect.poll(() => lines.join('\n'), { timeout: 10_000 }).toContain('npx portcullis explain');
  const [, proposed = ''] = /npx portcullis (explain .*)/.exec(lines.join('\n')) ?? [];
  const words = [...proposed.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  expect(words).toContain('other file.yaml');
  expect(cwd).not.toBe(process.cwd());
  expect(await run(words)).toMatchObject({ code: 1, out: expect.stringContaining('denied: channel.no-rule'), err: '' });
  stop();
  await ended;
});

test('serve proposes what can be answered: off-line where the management API is closed, with an app where there are several', async () => {
  const file = FILE.replace(', adminToken: demo-admin-token', '');
  const one = await createWorld({ files: { 'portcullis.yaml': file } }).run(['serve']);
  expect(one.err).toMatch(/npx portcullis explain --url \S+ --offline --operation join/);
  const more = `${FILE}  - { id: second, connectionHash: second }\n`;
  const two = await createWorld({ files: { 'portcullis.yaml': more } }).run(['serve']);
  expect(two.err).toMatch(/npx portcullis explain --url \S+ --app ID --operation join/);
});

test('serve without a configuration names what writes one', async () => {
  const { err } = await createWorld({ env: { PORTCULLIS_SERVER_LOG: 'silent' } }).run([
    'serve',
    '--port',
    '0',
    '--data',
    ':memory:',
  ]);
  expect(err).toContain('`portcullis init` writes a configuration');
  expect(err).not.toContain('portcullis explain');
});

test.each(['serve', 'check'])(
  '%s exits with 2 when a certificate is not there, and says which key names it',
  async (command) => {
    const { run } = createWorld({
      files: { 'portcullis.yaml': FILE.replace('port: 0,', 'port: 0, tls: { cert: no.pem, key: no.key },') },
    });
    const { code, err, out } = await run([command]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('server.tls.cert: no.pem does not exist');
    expect(err).toContain('server.tls.key: no.key does not exist');
  },
);
