import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { Environment } from '../config/source.ts';

/** The world as a command sees it; tests give their own. */
export interface Io {
  readonly env: Environment;
  /** Relative paths start here. */
  readonly cwd: string;
  /** One line (or several) of result. */
  out(line: string): void;
  /** One line about how it went. */
  err(line: string): void;
  stdin(): Promise<string>;
  /** ms since 1970. */
  now(): number;
  random(bytes: number): Uint8Array;
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Resolves when the process is told to stop. Being told again changes nothing. */
  untilStopped(): Promise<void>;
}

/** Who reads only the beginning (`… | head`) has read enough: what is written after it is for nobody, and no fault. */
function unlessNobodyReads(fault: NodeJS.ErrnoException): void {
  if (fault.code !== 'EPIPE') throw fault;
}

export function processIo(): Io {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', unlessNobodyReads);
  return {
    env: process.env,
    cwd: process.cwd(),
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    stdin: () => text(process.stdin),
    now: () => Date.now(),
    random: (bytes) => randomBytes(bytes),
    fetch: (url, init) => fetch(url, init),
    untilStopped: () =>
      new Promise((resolve) => {
        // Heard to the end: without a listener the second one, which npm or an impatient hand adds, would be the last.
        for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
      }),
  };
}
