import { withHelp } from './arguments.ts';
import type { Command } from './command.ts';

export function helpFor(command: Command): string {
  const options = Object.entries(withHelp(command.options));
  const heads = options.map(
    ([name, { value, multiple }]) => `--${name}${value === undefined ? '' : ` ${value}${multiple ? '…' : ''}`}`,
  );
  const width = Math.max(...heads.map((head) => head.length));
  return [
    `portcullis ${command.name}${command.operands === undefined ? '' : ` ${command.operands}`} [options]`,
    '',
    command.summary,
    '',
    ...options.map(([, { about }], index) => `  ${(heads[index] ?? '').padEnd(width)}  ${about}`),
    ...(command.notes === undefined ? [] : ['', ...command.notes]),
    '',
    'Example:',
    `  ${command.example}`,
  ].join('\n');
}

export function overview(commands: Iterable<Command>): string {
  const rows = [...commands].map(({ name, summary }) => [name, summary] as const);
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    'portcullis <command> [options]',
    '',
    ...rows.map(([name, summary]) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'portcullis <command> --help says what a command takes.',
  ].join('\n');
}
