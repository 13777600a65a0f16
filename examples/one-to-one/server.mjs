import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../packages/server/bin/portcullis.mjs', import.meta.url));
const config = fileURLToPath(new URL('portcullis.yaml', import.meta.url));

/** How long it may take to start, and to end. */
const PATIENCE = 30_000;

/**
 * Starts Portcullis as a process of its own, with fresh secrets and on a free port.
 *
 * @returns {Promise<{ url: string, adminToken: string, stop: () => Promise<void> }>} when it is ready
 */
export async function startPortcullis() {
  const secret = () => randomBytes(32).toString('base64url');
  const adminToken = secret();
  const port = await freePort();
  const child = spawn(process.execPath, [bin, 'serve', '--config', config, '--port', String(port)], {
    env: { ...process.env, ADMIN_TOKEN: adminToken, JWT_SECRET: secret(), GRANT_SECRET: secret() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      said = (said + text).slice(-4_000);
    });
  }
  const ended = new Promise((resolve) => child.once('exit', resolve));
  process.once('exit', () => child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + PATIENCE;
  while (!(await isReady(url))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`Portcullis did not start:\n${said}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    adminToken,
    /** Asks it to end, which it does with 0. */
    async stop() {
      child.kill('SIGTERM');
      const impatience = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
      const code = await ended;
      clearTimeout(impatience);
      if (code !== 0) throw new Error(`Portcullis did not end in peace:\n${said}`);
    },
  };
}

async function isReady(url) {
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    return false;
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
