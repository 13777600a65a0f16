import { withHelp } from './arguments.ts';
import type { Command } from './command.ts';
import { COMMANDS } from './commands.ts';

const INTRODUCTION = `# Commands

<!-- Written from the commands themselves by scripts/generate-config-docs.mjs: change packages/server/src/cli instead. -->

From a checkout: \`npx portcullis <command>\`. Every command has \`--help\`. Results go to standard output, everything else to
standard error. Exit codes: **0** done, **1** refused or failed, **2** wrong command line or configuration.

Commands that ask the running server use \`server.adminToken\` of the configuration (or \`PORTCULLIS_SERVER_ADMIN_TOKEN\`) and reach it
where the configuration says it listens, or at \`--url\` or \`PORTCULLIS_URL\`.
`;

/** `docs/cli.md`. */
export function commandReference(): string {
  return `${[INTRODUCTION, ...[...COMMANDS.values()].map(describe)].join('\n')}`;
}

function describe(command: Command): string {
  const { name, operands, summary, notes = [], example } = command;
  const rows = Object.entries(withHelp(command.options)).map(([flag, { value, multiple, about }]) => {
    const shown = `--${flag}${value === undefined ? '' : ` ${value}${multiple ? '…' : ''}`}`;
    return `| \`${shown.replaceAll('|', '\\|')}\` | ${about.replaceAll('|', '\\|')} |`;
  });
  return [
    `## \`portcullis ${name}${operands === undefined ? '' : ` ${operands}`}\``,
    '',
    [summary, ...notes].join(' '),
    '',
    '| option | |',
    '|---|---|',
    ...rows,
    '',
    '```sh',
    example,
    '```',
    '',
  ].join('\n');
}
