import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../packages/server/bin/portcullis.mjs', import.meta.url));

/** How long it may take to start, and to end. */
const PATIENCE = 30_000;

/** Portcullis as a process of its own, with fresh secrets and on a free port. */
export class Portcullis {
  #args;
  #env;
  #child;
  #said = '';

  /**
   * @param {URL} config the example's `portcullis.yaml`
   * @param {{ data?: string }} [options] a folder to keep in; otherwise as the file says
   * @returns {Promise<Portcullis>} when it is ready
   */
  static async start(config, { data } = {}) {
    const portcullis = new Portcullis();
    const secret = () => randomBytes(32).toString('base64url');
    const port = await freePort();
    portcullis.url = `http://127.0.0.1:${port}`;
    portcullis.adminToken = secret();
    const keep = data === undefined ? [] : ['--data', data];
    portcullis.#args = [bin, 'serve', '--config', fileURLToPath(config), '--port', String(port), ...keep];
    const secrets = { ADMIN_TOKEN: portcullis.adminToken, JWT_SECRET: secret(), GRANT_SECRET: secret() };
    portcullis.#env = { ...process.env, ...secrets };
    process.once('exit', () => portcullis.#child?.kill('SIGKILL'));
    await portcullis.#begin();
    return portcullis;
  }

  /** A call of the management API. */
  async admin(path, body) {
    const answer = await fetch(`${this.url}/admin/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.adminToken}` },
      body: JSON.stringify(body),
    });
    const result = await answer.json();
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${result.code}`);
    return result;
  }

  /** Kills it as a power cut does, and starts it again on the same port. */
  async crash() {
    const ended = this.#ended();
    this.#child.kill('SIGKILL');
    await ended;
    await this.#begin();
  }

  /** Asks it to end, which it does with 0. */
  async stop() {
    const ended = this.#ended();
    this.#child.kill('SIGTERM');
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE);
    const code = await ended;
    clearTimeout(impatience);
    if (code !== 0) throw new Error(`Portcullis did not end in peace:\n${this.#said}`);
  }

  #ended() {
    return new Promise((resolve) => this.#child.once('exit', resolve));
  }

  async #begin() {
    const child = spawn(process.execPath, this.#args, { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        this.#said = (this.#said + text).slice(-4_000);
      });
    }
    const deadline = Date.now() + PATIENCE;
    while (!(await isReady(this.url))) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`Portcullis did not start:\n${this.#said}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
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
