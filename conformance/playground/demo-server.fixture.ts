import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
/** As in the demo's configuration; it opens nothing beyond loopback. */
const adminToken = 'demo-admin-token-for-loopback-only-0001';
const readyWithin = 45_000;

export interface DemoServer {
  readonly url: string;
  /** A call of the management API, which has to succeed. */
  admin(method: 'POST' | 'DELETE', path: string, body: unknown): Promise<void>;
  close(): Promise<void>;
}

/** What `npm start` runs, on a free port and with a store of its own. */
export async function startDemoServer(): Promise<DemoServer> {
  const port = await freePort();
  const data = mkdtempSync(join(tmpdir(), 'portcullis-playground-'));
  const config = join(root, 'examples', 'demo', 'portcullis.yaml');
  const bin = join(root, 'packages', 'server', 'bin', 'portcullis.mjs');
  const child = spawn(process.execPath, [bin, 'serve', '--config', config, '--port', String(port), '--data', data], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part: Buffer) => {
      said = (said + part.toString()).slice(-4000);
    });
  }
  const url = `http://127.0.0.1:${port}`;
  const close = async () => {
    await end(child);
    rmSync(data, { recursive: true, force: true });
  };
  const admin: DemoServer['admin'] = async (method, path, body) => {
    const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' };
    const answer = await fetch(`${url}/admin/v1${path}`, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  };
  if (await isReady(url, child)) return { url, admin, close };
  await close();
  throw new Error(`the server did not become ready; it said:\n${said}`);
}

async function isReady(url: string, child: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + readyWithin;
  while (Date.now() < deadline && child.exitCode === null) {
    const status = await fetch(`${url}/readyz`).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const lastResort = setTimeout(() => child.kill('SIGKILL'), 5000);
  await exited;
  clearTimeout(lastResort);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
