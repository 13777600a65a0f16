import { didYouMean } from '@portcullis/policy';
import { readArguments } from './arguments.ts';
import { type Command, CommandError, usage } from './command.ts';
import { COMMANDS } from './commands.ts';
import { helpFor, overview } from './help.ts';
import { type Io, processIo } from './io.ts';

/**
 * Runs one command line and answers the exit code: 0 done, 1 refused or failed, 2 wrong command line or configuration.
 * Faults of our own reject.
 */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<number> {
  const [verb] = argv;
  if (verb === undefined || verb === 'help' || verb === '--help' || verb === '-h') {
    (verb === undefined ? io.err : io.out)(overview(COMMANDS.values()));
    return verb === undefined ? 2 : 0;
  }
  let command: Command | undefined;
  try {
    const found = find(argv);
    command = found.command;
    const args = readArguments(command, found.rest);
    if (args.has('help')) {
      io.out(helpFor(command));
      return 0;
    }
    return await command.run(args, io);
  } catch (fault) {
    if (!(fault instanceof CommandError)) throw fault;
    io.err(`portcullis${command === undefined ? '' : ` ${command.name}`}: ${fault.message}`);
    return fault.exitCode;
  }
}

function find(argv: readonly string[]): { command: Command; rest: readonly string[] } {
  for (const words of [2, 1]) {
    const command = COMMANDS.get(argv.slice(0, words).join(' '));
    if (command !== undefined) return { command, rest: argv.slice(words) };
  }
  const [first = '', second = ''] = argv;
  const typed = [...COMMANDS.keys()].some((name) => name.startsWith(`${first} `)) ? `${first} ${second}`.trim() : first;
  throw usage(
    `there is no command "${typed}"${didYouMean(typed, COMMANDS.keys()) || '; portcullis --help lists them'}`,
  );
}
