import type { Arguments } from './arguments.ts';
import type { Io } from './io.ts';

/** One verb: what it takes, what it says of itself, and what it does. */
export interface Command {
  /** As it is typed; two words for `import xano`. */
  readonly name: string;
  readonly summary: string;
  /** What stands behind the flags: `[FILE…]`. Absent: nothing does. */
  readonly operands?: string;
  readonly options: Readonly<Record<string, Option>>;
  /** One command line that works. */
  readonly example: string;
  /** What else is to be known, in whole sentences. */
  readonly notes?: readonly string[];
  /** Answers the exit code. */
  run(args: Arguments, io: Io): Promise<number>;
}

export interface Option {
  /** What its value is; absent for a flag without one. */
  readonly value?: string;
  /** May be given several times, or with several values in a row. */
  readonly multiple?: true;
  readonly about: string;
}

/** Ends a command with lines on standard error. Exit code 2: the command line or the configuration is wrong; 1: it was refused or failed. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2) {
    super(message);
    this.exitCode = exitCode;
  }
}

export function usage(message: string): CommandError {
  return new CommandError(message, 2);
}

export function failure(message: string): CommandError {
  return new CommandError(message, 1);
}
