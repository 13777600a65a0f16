import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BIN = join(import.meta.dirname, '../../packages/server/bin/portcullis.mjs');
export const ADMIN_TOKEN = 'conformance-admin-token-0123456789abcdef';
export const JWT_SECRET = 'conformance-jwt-secret-0123456789abcdef';
export const HASH = 'conformance-hash-0123456789abcdef0123';

export interface ServerOptions {
  /** YAML of the app's `channels:`, `access:` and so on, indented by four. */
  readonly app?: string;
  /** The app's `access:`, in flow style. */
  readonly access?: string;
  /** `:memory:` unless a folder is given. */
  readonly data?: string;
  readonly port?: number;
  readonly limits?: string;
  /** Further environment variables, such as `PORTCULLIS_SERVER_LOG`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A real server in a process of its own, as an operator starts it. */
export class RunningServer {
  readonly port: number;
  readonly process: ChildProcess;
  readonly #folder: string;
  readonly #output: string[] = [];

  private constructor(port: number, child: ChildProcess, folder: string) {
    this.port = port;
    this.process = child;
    this.#folder = folder;
    child.stdout?.on('data', (text) => this.#output.push(String(text)));
    child.stderr?.on('data', (text) => this.#output.push(String(text)));
  }

  static async start(options: ServerOptions = {}): Promise<RunningServer> {
    const port = options.port ?? (await freePort());
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-conformance-'));
    const config = join(folder, 'portcullis.yaml');
    writeFileSync(config, configOf(port, options));
    const child = spawn(process.execPath, [BIN, 'serve', '--config', config], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment(options.env),
    });
    const server = new RunningServer(port, child, folder);
    await server.#ready();
    return server;
  }

  get output(): string {
    return this.#output.join('');
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A call of the management API; answers status and body. */
  async admin(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(`${this.url}/admin/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
  }

  /** As `admin`, for calls that have to pass. */
  async must(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await this.admin(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async tokenFor(user: string, more: object = {}): Promise<string> {
    const { token } = await this.must('POST', '/apps/test/tokens', { user, ttl: '10m', ...more });
    return String(token);
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    return new Promise((resolve) => {
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        resolve(this.process.exitCode);
        return;
      }
      this.process.once('exit', (code) => resolve(code));
      this.process.kill(signal);
    });
  }

  async stop(): Promise<void> {
    await this.kill('SIGTERM');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #ready(): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (Date.now() < deadline) {
      if (this.process.exitCode !== null) throw new Error(`the server ended:\n${this.output}`);
      try {
        const { status } = await fetch(`${this.url}/readyz`);
        if (status === 200) return;
      } catch {
        // Not listening yet.
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`the server was not ready in time:\n${this.output}`);
  }
}

/** The tests' own variables are no keys of the server's configuration, and must not become any. */
function environment(more: ServerOptions['env']): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PORTCULLIS_'));
  return { ...Object.fromEntries(inherited), NODE_ENV: 'production', ...more };
}

function configOf(
  port: number,
  { app = '', access = '{ explainToClients: full }', data = ':memory:', limits = '' }: ServerOptions,
): string {
  return `server:
  host: 127.0.0.1
  port: ${port}
  adminToken: ${ADMIN_TOKEN}
data: "${data}"
${limits}apps:
  - id: test
    connectionHash: ${HASH}
    access: ${access}
    identity: { jwt: [ { alg: HS256, secret: ${JWT_SECRET} } ] }
${app}`;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
