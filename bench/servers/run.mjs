import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { availableParallelism } from 'node:os';

export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

/** With two cores or more the server has one to itself and the load another. */
export function onCore(core, command, args) {
  return availableParallelism() > 1 ? ['taskset', ['-c', String(core), command, ...args]] : [command, args];
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const running = new Set();
process.once('exit', () => {
  for (const child of running) end(child);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

/** Ends a server and what it has started itself. */
function end({ pid, exitCode, signalCode }) {
  if (exitCode !== null || signalCode !== null) return;
  for (const id of processes(pid).split(',')) process.kill(Number(id), 'SIGKILL');
}

/** Starts a server on the server's core and resolves when it takes connections. It ends with this process at the latest. */
export async function startOnCore(command, args, { port, ready = () => listens(port), env = process.env }) {
  const child = spawn(...onCore(SERVER_CORE, command, args), { stdio: ['ignore', 'ignore', 'pipe'], env });
  running.add(child);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said = (said + text).slice(-4_000);
  });
  let ended;
  child.once('exit', (code, signal) => {
    running.delete(child);
    ended = `${command} ended with ${code ?? signal}\n${said}`;
  });
  child.once('error', (error) => {
    ended = `${command}: ${error.message}`;
  });
  const stop = () => end(child);
  for (let tries = 0; tries < 600; tries += 1) {
    if (ended) throw new Error(ended);
    const taken = await ready();
    await pause(50);
    // Another server may have been there before, and answered.
    if (taken && !ended) return { port, pid: child.pid, stop };
  }
  stop();
  throw new Error(`${command} was not ready in thirty seconds`);
}

/** A process and its children, with commas between. */
export function processes(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return [pid, ...(children === '' ? [] : children.split(' '))].join(',');
}

/** A port that nobody listens on now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
