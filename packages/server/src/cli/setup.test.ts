import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CONFIG, createWorld } from './io.fixture.ts';

test('init writes a valid file for its owner alone, and overwrites nothing', async () => {
  const { cwd, run } = createWorld();
  expect((await run(['init', '--app', 'chat'])).code).toBe(0);
  const file = join(cwd, 'portcullis.yaml');
  const text = readFileSync(file, 'utf8');
  expect(statSync(file).mode & 0o077).toBe(0);
  const checked = await run(['check', '--strict']);
  expect(checked.err).toBe('');
  expect(checked).toMatchObject({ code: 0, out: expect.stringContaining('valid, 1 app, 2 rules, 0 remarks') });
  const again = await run(['init']);
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('exists already') });
  expect(readFileSync(file, 'utf8')).toBe(text);
  const secrets = [...text.matchAll(/[A-Za-z0-9_-]{43}/g)].map(([secret]) => secret);
  expect(new Set(secrets).size).toBe(3);
});

test('an id that no app may have is a wrong command line', async () => {
  const { run } = createWorld();
  expect(await run(['init', '--app', 'bad id'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('an app id has lower-case letters, digits, - and _'),
  });
});

test('what init writes may listen on every interface', async () => {
  const { run } = createWorld({ env: { PORTCULLIS_SERVER_HOST: '0.0.0.0' } });
  await run(['init']);
  expect((await run(['check'])).code).toBe(0);
});

test('check prints one line per problem and exits with 2', async () => {
  const { run } = createWorld({ files: { 'bad.yaml': 'server: { prot: 1 }\nstore: x\n' } });
  const { code, err, out } = await run(['check', '--config', 'bad.yaml']);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err.split('\n')).toHaveLength(2);
  expect(err).toContain('bad.yaml:1 server.prot: unknown key, did you mean "port"?');
});

test('check says which functions of triggers are missing or cannot be read, and of which step', async () => {
  const triggers = `    triggers:
      - { channel: members, steps: [{ when: 'true', block: no }, { function: gone }] }
      - { channel: members, steps: [{ function: broken }, { function: fine }] }
  - id: grants`;
  const { cwd, run } = createWorld({ files: { 'portcullis.yaml': CONFIG.replace('  - id: grants', triggers) } });
  mkdirSync(join(cwd, 'triggers'));
  writeFileSync(join(cwd, 'triggers', 'broken.ts'), 'export default (\n');
  writeFileSync(join(cwd, 'triggers', 'fine.ts'), 'export default () => undefined;\n');
  const { code, err, out } = await run(['check']);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err.split('\n')).toEqual([
    `apps.demo.triggers.1.steps.2.function: there is no gone.ts or gone.js in ${join(cwd, 'triggers')} (for members)`,
    expect.stringMatching(/^apps\.demo\.triggers\.2\.steps\.1\.function: .*broken\.ts:2:\d+: .* \(for members\)$/),
  ]);
  writeFileSync(join(cwd, 'triggers', 'gone.js'), 'export default () => undefined;\n');
  writeFileSync(join(cwd, 'triggers', 'broken.ts'), 'export default () => undefined;\n');
  expect((await run(['check'])).code).toBe(0);
});

test('check looks at patterns too, and --strict minds warnings', async () => {
  const { run } = createWorld({
    files: { 'portcullis.yaml': CONFIG.replace('a-secret-key-of-more-than-thirty-two-characters', 'short') },
  });
  const plain = await run(['check', '--pattern', 'chat-*']);
  expect(plain.code).toBe(0);
  expect(plain.out).toContain('apps.demo.keys.secret: has fewer than 32 characters');
  expect(plain.out).toMatch(/chat-\*/);
  expect((await run(['check', '--strict'])).code).toBe(1);
});

test('serve exits with 2 on a bad configuration, flags included, before anything is started', async () => {
  const { run } = createWorld({ files: { 'portcullis.yaml': 'server: { prot: 1 }' } });
  const bad = await run(['serve', '--port', 'x']);
  expect(bad.code).toBe(2);
  expect(bad.err.split('\n')).toEqual([
    expect.stringContaining('portcullis.yaml:1 server.prot: unknown key, did you mean "port"?'),
    '--port server.port: expected a whole number from 0 to 65535',
  ]);
  const missing = await run(['serve', '--config', 'nowhere.yaml']);
  expect(missing).toMatchObject({ code: 2, err: expect.stringContaining('nowhere.yaml: does not exist') });
});

test('PORTCULLIS_CONFIG names the file', async () => {
  const { run } = createWorld({ files: { 'other.yaml': CONFIG }, env: { PORTCULLIS_CONFIG: 'other.yaml' } });
  expect((await run(['check'])).out).toContain('2 apps');
});
