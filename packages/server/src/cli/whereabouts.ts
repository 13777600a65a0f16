import { isAbsolute, relative, resolve } from 'node:path';
import type { ServerConfig } from '../config/index.ts';
import type { Arguments } from './arguments.ts';
import type { Io } from './io.ts';

/** What other commands have to be told, here and now, to find the server that `serve` started: `--config FILE`, `--url URL`. */
export function whereabouts(args: Arguments, io: Io, { server }: ServerConfig, adminUrl: string): readonly string[] {
  const file = args.text('config') ?? io.env.PORTCULLIS_CONFIG ?? '';
  const elsewhere = args.has('host') || args.has('port') || server.port === 0 || server.adminPort === 0;
  return [
    ...(file === '' ? [] : [`--config ${quoted(shortest(file, io.cwd))}`]),
    ...(elsewhere ? [`--url ${adminUrl}`] : []),
  ];
}

/** From the working directory if it lies below it. */
function shortest(file: string, cwd: string): string {
  const from = relative(cwd, resolve(cwd, file));
  return from.startsWith('..') || isAbsolute(from) ? resolve(cwd, file) : from;
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w./@:+\\-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
