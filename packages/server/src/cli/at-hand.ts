import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { didYouMean } from '@portcullis/policy';
import {
  type AppConfig,
  type Flags,
  formatProblem,
  type Loaded,
  loadConfig,
  type ServerConfig,
  type Surroundings,
} from '../config/index.ts';
import type { Arguments } from './arguments.ts';
import { CommandError, failure, type Option, usage } from './command.ts';
import type { Io } from './io.ts';

export const CONFIG_OPTION: Option = {
  value: 'FILE',
  about: 'The configuration; otherwise PORTCULLIS_CONFIG, or portcullis.yaml here.',
};
export const APP_OPTION: Option = { value: 'ID', about: 'Which app; may be left out when there is only one.' };

/** `--config`, or `PORTCULLIS_CONFIG`, or `portcullis.yaml` in the working directory if there is one. */
export function configFile(args: Arguments, io: Io): string | undefined {
  const named = args.text('config') ?? io.env.PORTCULLIS_CONFIG;
  if (named !== undefined && named !== '') return resolve(io.cwd, named);
  const usual = join(io.cwd, 'portcullis.yaml');
  return existsSync(usual) ? usual : undefined;
}

export function loadAtHand(args: Arguments, io: Io, flags: Flags = {}, running?: Surroundings): Loaded {
  const file = configFile(args, io);
  return loadConfig({ ...(file === undefined ? {} : { file }), env: io.env, flags, running });
}

/** The configuration, or the end of the command with one line per problem. */
export function configAtHand(args: Arguments, io: Io): ServerConfig {
  const loaded = loadAtHand(args, io);
  if (loaded.ok) return loaded.config;
  throw new CommandError(['the configuration is not valid', ...loaded.problems.map(formatProblem)].join('\n'), 2);
}

export function appAtHand(config: ServerConfig, args: Arguments): AppConfig {
  const ids = config.apps.map(({ id }) => id);
  const asked = args.text('app');
  const [only, second] = config.apps;
  if (asked === undefined) {
    if (only !== undefined && second === undefined) return only;
    throw usage(
      only === undefined
        ? 'the configuration has no apps; name its file with --config'
        : `--app is required: ${ids.join(', ')}`,
    );
  }
  const app = config.apps.find(({ id }) => id === asked);
  if (app === undefined) throw usage(`the configuration has no app "${asked}"${didYouMean(asked, ids)}`);
  return app;
}

/** A file's text, or with `-` what comes in on standard input, without the line's end. */
export async function readInput(name: string, io: Io): Promise<string> {
  if (name === '-') return (await io.stdin()).trim();
  try {
    return readFileSync(resolve(io.cwd, name), 'utf8').trim();
  } catch (fault) {
    throw failure(`${name} cannot be read (${(fault as NodeJS.ErrnoException).code})`);
  }
}

/** JSON of a flag. */
export function readJson(text: string, flag: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw usage(`--${flag} is not JSON`);
  }
}

/** Row and table ids are numbers where they look like one. */
export function readId(text: string): number | string {
  return /^(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}
