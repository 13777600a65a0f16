import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
export const HASH = 'bench-hash-0123456789abcdef0123456789';
export const PUBLISH_KEY = 'pub-bench-0123456789abcdef0123456789';
export const SUBSCRIBE_KEY = 'sub-bench-0123456789abcdef0123456789';

/** With two cores or more the server has one to itself and the load another. */
export function onCore(core, command, args) {
  return availableParallelism() > 1 ? ['taskset', ['-c', String(core), command, ...args]] : [command, args];
}

function start(args, readPort) {
  const [command, all] = onCore(0, process.execPath, args);
  const child = spawn(command, all, { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    let output = '';
    child.stdout.on('data', (text) => {
      output += text;
      const port = readPort(output);
      if (port) resolve({ port, pid: child.pid, stop: () => child.kill('SIGKILL') });
    });
  });
}

/** The loop everyone writes first. */
export const startPlainWs = () =>
  start([join(import.meta.dirname, 'plain-ws.mjs')], (output) => Number(/^(\d+)$/m.exec(output)?.[1]));

/** Portcullis as an operator runs it, in memory, with one open channel pattern. */
export async function startPortcullis(port) {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-bench-'));
  const config = join(folder, 'portcullis.yaml');
  writeFileSync(
    config,
    `server: { host: 127.0.0.1, port: ${port}, adminToken: bench-admin-token-0123456789abcdef01 }
data: ":memory:"
apps:
  - id: bench
    connectionHash: ${HASH}
    keys: { publish: ${PUBLISH_KEY}, subscribe: ${SUBSCRIBE_KEY} }
    channels:
      - { target: room/*, nested: true, anonymousClients: true, presence: true, publicMessaging: true }
`,
  );
  const [command, all] = onCore(0, process.execPath, [
    join(root, 'packages/server/bin/portcullis.mjs'),
    'serve',
    '--config',
    config,
  ]);
  const child = spawn(command, all, { stdio: ['ignore', 'ignore', 'inherit'] });
  for (let tries = 0; tries < 200; tries += 1) {
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (ready?.status === 200) {
      return {
        port,
        pid: child.pid,
        stop: () => {
          child.kill('SIGKILL');
          rmSync(folder, { recursive: true, force: true });
        },
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the server was not ready in ten seconds');
}
