import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { formOf } from '../identity/token-form.ts';
import { readInput } from './at-hand.ts';
import { failure } from './command.ts';
import type { Io } from './io.ts';

const SHORTEST = 40;

/** A token from a file or, with `-`, from standard input. The token itself is taken too, though a command line is seen by others. */
export async function readToken(given: string, io: Io): Promise<string> {
  if (given !== '-' && given.length >= SHORTEST && formOf(given) !== 'none' && !existsSync(resolve(io.cwd, given)))
    return given;
  const text = await readInput(given, io);
  if (text === '') throw failure(`${given === '-' ? 'standard input' : given} holds no token`);
  return text;
}
