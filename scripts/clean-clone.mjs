// `npm run check:clean`: what the README promises a newcomer, on an empty clone of what is committed: `npm start` to a page
// that opens and a server that is ready within the budget, its explanation of the first denial, and the same off-line
// after it was stopped. `--cold` begins with an empty npm cache too, `--budget N` allows N seconds.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { cold: { type: 'boolean', default: false }, budget: { type: 'string' } } });
const budget = Number(values.budget ?? (values.cold ? 300 : 90));
if (!(budget > 0)) {
  console.error('--budget takes seconds');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'portcullis-clean-'));
const clone = join(folder, 'clone');
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const env = {
  ...process.env,
  PORTCULLIS_SERVER_PORT: String(port),
  ...(values.cold ? { npm_config_cache: join(folder, 'cache') } : {}),
};
/** The commands are npm's, and `npm` is a script on Windows. */
const shell = process.platform === 'win32';

let server;
let failed = 0;
try {
  run('git', ['clone', '--quiet', join(import.meta.dirname, '..'), clone], { cwd: folder });
  const began = performance.now();
  server = spawn('npm', ['start'], { cwd: clone, env, shell, detached: !shell, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (part) => (said = (said + part).slice(-8_000)));
  const seconds = await untilReady(began);
  if (seconds === undefined) console.error(`npm start said:\n${said}`);
  report(
    seconds !== undefined,
    seconds === undefined
      ? `npm start did not answer / and /readyz with 200 within ${budget} s`
      : `npm start answers / and /readyz with 200 after ${seconds} s${values.cold ? ', with an empty npm cache' : ''}`,
  );
  if (seconds !== undefined) {
    const asked = explain();
    report(
      asked.includes('denied: channel.public-messaging-authenticated-only'),
      'npx portcullis explain tells the first denial',
    );
    const stopped = await stop();
    report(stopped !== undefined, `it stops within ${stopped ?? '10'} s`);
    report(explain('--offline').startsWith('denied: '), 'npx portcullis explain --offline answers without it');
    const dirty = run('git', ['status', '--porcelain'], { cwd: clone });
    report(dirty === '', `nothing is left in the checkout that git would ask about${dirty && `:\n${dirty}`}`);
  }
} finally {
  await stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
process.exit(failed === 0 ? 0 : 1);

function report(kept, sentence) {
  console.log(`${kept ? '✓' : '✗'} ${sentence}`);
  if (!kept) failed += 1;
}

/** Runs a command to its end and answers what it said; ends everything when it cannot even be started. */
function run(command, args, options) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', env, ...options });
  if (error) throw error;
  if (command === 'git' && status !== 0) throw new Error(`${command} ${args[0]}: ${stderr}`);
  return stdout;
}

/** As the README has it. */
function explain(...more) {
  const asked = '--operation publish --channel read-open-write-signed-in/lobby --anonymous'.split(' ');
  return run('npx', ['portcullis', 'explain', '--config', 'examples/demo/portcullis.yaml', ...asked, ...more], {
    cwd: clone,
    shell,
  });
}

/** Seconds until both pages answered 200; `undefined` when they did not within the budget, or the server ended. */
async function untilReady(began) {
  while (performance.now() - began < budget * 1_000 && server.exitCode === null) {
    if ((await statusOf('/readyz')) === 200 && (await statusOf('/')) === 200) {
      return ((performance.now() - began) / 1_000).toFixed(1);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return undefined;
}

async function statusOf(path) {
  try {
    return (await fetch(url + path)).status;
  } catch {
    return 0;
  }
}

/** Ends `npm start` with all that it started, as Ctrl-C does. Seconds taken; `undefined` when it had to be killed. */
async function stop() {
  if (!server || server.exitCode !== null || server.signalCode !== null) return '0.0';
  const began = performance.now();
  const took = () => (performance.now() - began) / 1_000;
  signal('SIGINT');
  while (took() < 10) {
    // npm may be gone before the server that it started.
    const gone = server.exitCode !== null || server.signalCode !== null;
    if (gone && (await statusOf('/healthz')) === 0) return took().toFixed(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  signal('SIGKILL');
  return undefined;
}

function signal(name) {
  try {
    if (shell) server.kill(name);
    else process.kill(-server.pid, name);
  } catch {
    // Gone already.
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
