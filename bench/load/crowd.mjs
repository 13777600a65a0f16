import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { door } from '../doors/index.mjs';
import { LOAD_CORE, onCore } from '../servers/run.mjs';
import { program, scriptFile, textFile } from './programs.mjs';

/** `crowd.c`: connections that listen, in a process of their own that knows nothing of the server. One command at a time. */
export class Crowd {
  #child;
  #answers;

  constructor(server) {
    const args = [server.port, door.path, door.joined, door.lost].map(String);
    this.#child = spawn(...onCore(LOAD_CORE, program('crowd'), args), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    process.once('exit', () => this.#child.kill('SIGKILL'));
  }

  get pid() {
    return this.#child.pid;
  }

  /** Opens a connection for each line of a script. */
  open(lines) {
    return this.#ask(`open ${scriptFile(lines)}`);
  }

  /** Line i goes to connection i; frames of one line are parted by tabs. Answers when it began, in ns. */
  say(lines) {
    return this.#ask(`say ${scriptFile(lines)}`);
  }

  /** Sends an HTTP request beside the connections; answers its number in `calls`. */
  async call({ method, path, headers, body }) {
    const head = { host: '127.0.0.1', ...headers, 'content-length': Buffer.byteLength(body) };
    const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
    const { call } = await this.#ask(`call ${textFile(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)}`);
    return call;
  }

  /** Of each call when it began and was answered (ns), and its status. */
  calls() {
    return this.#ask('calls');
  }

  /** Throws unless so many came in time. */
  async await(kind, count, ms = 30_000) {
    const answer = await this.#ask(`await ${kind} ${count} ${ms}`);
    if (!answer.reached) throw new Error(`${answer.count} of ${count} ${kind} came within ${ms} ms`);
    return answer;
  }

  reset() {
    return this.#ask('reset');
  }

  report() {
    return this.#ask('report');
  }

  /** For each connection: the greatest number seen at each place, and when it lost something or was closed (ns; 0: never). */
  async seen() {
    const file = scriptFile([]);
    await this.#ask(`seen ${file}`);
    return readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((row) => {
        const numbers = row.split(' ').map(Number);
        return { places: numbers.slice(0, -2), lostAt: numbers.at(-2), closedAt: numbers.at(-1) };
      });
  }

  signal(name) {
    this.#child.kill(name);
  }

  stop() {
    this.#child.kill('SIGKILL');
  }

  async #ask(command) {
    this.#child.stdin.write(`${command}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`the crowd ended at: ${command}`);
    return JSON.parse(value);
  }
}

/** The monotonic clock that `crowd.c` reads too, in ns. */
export const monotonic = () => Number(process.hrtime.bigint());
