import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from '../support/server.ts';

/** Beside the path: where Debian keeps servers, and where `.ci/run` puts what comes from elsewhere. */
const PLACES = ['/usr/sbin', '/usr/lib/rabbitmq/bin', join(import.meta.dirname, '../../.ci/stand-ins/bin')];

/** Where a program is; `undefined` where it is not installed. */
export function programAt(name: string): string | undefined {
  return [...PLACES.toReversed(), ...(process.env.PATH ?? '').split(delimiter)]
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

export interface Start {
  readonly args: (port: number, folder: string) => readonly string[];
  readonly env?: (port: number, folder: string) => Readonly<Record<string, string>>;
}

/** A server in a process of its own: on a free port of this machine, with a folder of its own, gone with the test. */
export class Program {
  readonly port: number;
  readonly #path: string;
  readonly #start: Start;
  readonly #folder: string;
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(path: string, port: number, start: Start) {
    this.#path = path;
    this.port = port;
    this.#start = start;
    this.#folder = mkdtempSync(join(tmpdir(), 'portcullis-program-'));
  }

  static async start(path: string, start: Start): Promise<Program> {
    const program = new Program(path, await freePort(), start);
    await program.run();
    return program;
  }

  async run(): Promise<void> {
    const { args, env } = this.#start;
    const child = spawn(this.#path, args(this.port, this.#folder), {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Some leave what they have to say of a hard end where they were started.
      cwd: this.#folder,
      // In a group of its own: some start another process that does the work.
      detached: true,
      env: { PATH: process.env.PATH, HOME: this.#folder, ...env?.(this.port, this.#folder) },
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (this.#output += String(text)));
    const deadline = Date.now() + 60_000;
    while (!(await accepts(this.port))) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`${this.#path} did not start:\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await gone;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

export const REDIS: Start = {
  args: (port, folder) => [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--loglevel',
    'warning',
  ],
};

export const NATS: Start = {
  args: (port, folder) => ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder],
};

export const MOSQUITTO: Start = {
  args: (port, folder) => {
    writeFileSync(join(folder, 'mosquitto.conf'), `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
    return ['-c', join(folder, 'mosquitto.conf')];
  },
};

const epmdPort = (port: number): string => String(port > 40_000 ? port - 10_000 : port + 10_000);

export const RABBITMQ: Start = {
  args: () => [],
  env: (port, folder) => {
    mkdirSync(join(folder, 'log'), { recursive: true });
    writeFileSync(join(folder, 'plugins'), '[].\n');
    return {
      RABBITMQ_NODENAME: `portcullis${port}@localhost`,
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_NODE_PORT: String(port),
      RABBITMQ_DIST_PORT: String(Number(epmdPort(port)) + 1),
      RABBITMQ_MNESIA_BASE: folder,
      RABBITMQ_LOG_BASE: join(folder, 'log'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 1:1',
      ERL_EPMD_ADDRESS: '127.0.0.1',
      ERL_EPMD_PORT: epmdPort(port),
    };
  },
};

/** The port mapper that an Erlang node leaves running. */
export function stopPortMapper({ port }: Program): void {
  const epmd = programAt('epmd');
  if (epmd) spawnSync(epmd, ['-port', epmdPort(port), '-kill'], { stdio: 'ignore' });
}

export const TANSU: Start = {
  args: (port) => [
    'broker',
    '--listener-url',
    `tcp://127.0.0.1:${port}`,
    '--advertised-listener-url',
    `tcp://127.0.0.1:${port}`,
    '--storage-engine',
    'memory://tansu/',
  ],
};

export const MOTO: Start = { args: (port) => ['-H', '127.0.0.1', '-p', String(port)] };
