import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A configuration with a mistake stops `serve` with exit code 2 and one line per problem: the path, and the nearest valid spelling. */
const BIN = join(import.meta.dirname, '../../packages/server/bin/portcullis.mjs');
const SECRET = 'zebra-secret-0123456789abcdef0123456789';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-mistakes-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly lines: readonly string[];
}

let files = 0;
async function serve(
  yaml: string,
  { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
): Promise<Ended> {
  files += 1;
  const file = join(folder, `${files}.yaml`);
  writeFileSync(file, yaml);
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PORTCULLIS_'));
  const child = spawn(
    process.execPath,
    [BIN, 'serve', '--config', file, '--port', '0', '--data', ':memory:', ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...Object.fromEntries(inherited), ...env },
    },
  );
  let said = '';
  child.stderr.on('data', (part) => {
    said += part;
  });
  child.stdout.on('data', () => child.kill('SIGKILL'));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines = said
    .trimEnd()
    .split('\n')
    .filter((line) => line !== 'Building …');
  return { code, lines: lines.map((line) => line.replace(file, 'FILE')) };
}

const app = (rest: string) => `apps:\n  - id: shop\n    connectionHash: shop-hash\n${rest}`;

describe('each mistake is one line', { concurrent: true, timeout: 60_000 }, () => {
  it.each<[string, string, RegExp]>([
    ['a key misspelt', 'sever: { port: 1 }\n', /^FILE:1 sever: unknown key, did you mean "server"\?$/],
    [
      'a key misspelt within an app',
      app('    chanels: []\n'),
      /^FILE:4 apps\.shop\.chanels: unknown key, did you mean "channels"\?$/,
    ],
    [
      'a switch misspelt',
      app('    channels: [ { target: a, anonymusClients: true } ]\n'),
      /^FILE:4 apps\.shop\.channels\.\S+\.anonymusClients: unknown key, did you mean "anonymousClients"\?$/,
    ],
    [
      'a limit misspelt',
      app('    limits: { mesage: 1KiB }\n'),
      /^FILE:4 apps\.shop\.limits\.mesage: unknown key, did you mean "message"\?$/,
    ],
    ['a word that is none', 'server: { log: inof }\n', /^FILE:1 server\.log: expected one of .*did you mean "info"\?$/],
    [
      'a port out of range',
      'server: { adminPort: 70000 }\n',
      /^FILE:1 server\.adminPort: expected a whole number from 0 to 65535$/,
    ],
    [
      'a duration that is none',
      'server: { drainTimeout: soon }\n',
      /^FILE:1 server\.drainTimeout: expected a duration like /,
    ],
    [
      'a size that is none',
      app('    limits: { message: many }\n'),
      /^FILE:4 apps\.shop\.limits\.message: expected a size like /,
    ],
    [
      'a switch that is a text',
      app('    channels: [ { target: a, presence: maybe } ]\n'),
      /^FILE:4 apps\.shop\.channels\.\S+\.presence: expected on, off, true or false$/,
    ],
    [
      'an algorithm that is none',
      app(`    identity: { jwt: [ { alg: HS265, secret: ${SECRET} } ] }\n`),
      /^FILE:4 apps\.shop\.identity\.jwt\.\S+\.alg: expected one of HS256, .*did you mean "HS256"\?$/,
    ],
    [
      'the algorithm `none`',
      app('    identity: { jwt: [ { alg: none } ] }\n'),
      /^FILE:4 apps\.shop\.identity\.jwt\.\S+\.alg: expected one of HS256/,
    ],
    [
      'a shared secret too short',
      app('    identity: { jwt: [ { alg: HS256, secret: zebra } ] }\n'),
      /^FILE:4 apps\.shop\.identity\.jwt\.\S+\.secret: needs at least 32 bytes, has 5$/,
    ],
    [
      'a key set without https',
      app('    identity: { jwt: [ { alg: RS256, jwks: "http://keys.example/", issuer: a, audience: b } ] }\n'),
      /^FILE:4 apps\.shop\.identity\.jwt\.\S+\.jwks: must be https$/,
    ],
    [
      'both gates off',
      app('    access: { rules: off, grants: off }\n'),
      /^FILE:4 apps\.shop\.access: has both gates off; write `access: open` if that is meant$/,
    ],
    [
      'a target that is none',
      app('    channels: [ { target: "a*" } ]\n'),
      /^FILE:4 apps\.shop\.channels\.\S+\.target: /,
    ],
    [
      'more history than allowed',
      app('    channels: [ { target: a, history: 5000 } ]\n'),
      /^FILE:4 apps\.shop\.channels\.\S+\.history: is 5000, over /,
    ],
    ['an app without an id', 'apps:\n  - connectionHash: shop-hash\n', /^FILE:\d apps\.\S+\.id: is required$/],
    [
      'an undefined variable',
      `server: { adminToken: "$\{SURELY_NOT_THERE}" }\n`,
      /^FILE:1 server\.adminToken: .*SURELY_NOT_THERE/,
    ],
    ['a key that comes twice', 'server: { port: 1, port: 2 }\n', /^FILE:1: Map keys must be unique$/],
    ['no YAML', 'server: { port: 1\n', /^FILE:\d/],
    ['a list', '- server\n', /^FILE: expected keys and values$/],
    ['another broker', 'engine: redis://localhost\n', /^FILE:1 engine: Redis is not offered in this version/],
    [
      'a secret of the examples beyond loopback',
      `server: { host: 0.0.0.0, adminToken: change-me }\n`,
      /^FILE:1 server\.adminToken: is from our examples, which is refused beyond loopback/,
    ],
  ])('%s', async (_, yaml, line) => {
    const { code, lines } = await serve(yaml);
    expect(lines).toEqual([expect.stringMatching(line)]);
    expect(code).toBe(2);
  });

  it('two apps with one hash', async () => {
    const { code, lines } = await serve(`${app('')}  - id: bar\n    connectionHash: shop-hash\n`);
    expect(lines).toEqual([
      expect.stringMatching(/^FILE:\d apps\.bar\.connectionHash: is in use already, by the app "shop"$/),
    ]);
    expect(code).toBe(2);
  });

  it('a variable misspelt', async () => {
    const { code, lines } = await serve(app(''), { env: { PORTCULLIS_SERVER_PROT: '80' } });
    expect(lines).toEqual([expect.stringMatching(/^PORTCULLIS_SERVER_PROT: .*PORTCULLIS_SERVER_PORT/)]);
    expect(code).toBe(2);
  });

  it('a flag that is no number', async () => {
    const { code, lines } = await serve(app(''), { args: ['--port', 'http'] });
    expect(lines).toEqual([expect.stringMatching(/^--port server\.port: expected a whole number/)]);
    expect(code).toBe(2);
  });

  it('a file that is not there', async () => {
    const { code, lines } = await serve('', { args: ['--config', join(folder, 'nowhere.yaml')] });
    expect(lines).toEqual([expect.stringMatching(/nowhere\.yaml: does not exist$/)]);
    expect(code).toBe(2);
  });

  it('several are as many lines, and none shows a secret', async () => {
    const { code, lines } = await serve(
      `sever: {}\nserver: { adminToken: { a: ${SECRET} }, log: loud }\n${app(`    identity: { jwt: [ { alg: HS256, secret: [ ${SECRET} ], kye: ${SECRET} } ] }\n`)}`,
    );
    expect(code).toBe(2);
    expect(lines.map((line) => line.split(' ')[1]).sort()).toEqual([
      expect.stringMatching(/^apps\.shop\.identity\.jwt\.\S+\.kye:$/),
      expect.stringMatching(/^apps\.shop\.identity\.jwt\.\S+\.secret:$/),
      'server.adminToken:',
      'server.log:',
      'sever:',
    ]);
    expect(lines.join('\n')).not.toContain(SECRET);
  });
});
