import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { type AppConfig, formatProblem, loadConfig } from '../config/index.ts';
import { isRecord } from '../config/section.ts';
import { readSource, type Source } from '../config/source.ts';
import { showPath } from '../config/tree.ts';
import type { Found } from '../config/unknown-keys.ts';
import { validate } from '../config/validate.ts';
import { Arguments } from './arguments.ts';
import { appAtHand, configAtHand } from './at-hand.ts';
import { CommandError, failure } from './command.ts';
import type { Io } from './io.ts';
import { readPeople } from './policy-test-people.ts';
import { runPolicyTests } from './policy-test-run.ts';
import { type PolicyTests, policyTestSchema } from './policy-test-schema.ts';

export interface FileOutcome {
  readonly asked: number;
  readonly lines: readonly string[];
  /** The app's enabled rules by name, and whether a question was answered by them. */
  readonly rules: ReadonlyMap<string, boolean>;
}

/** Runs one `*.policy.yaml`. Throws a command error when it cannot be read at all. */
export function runPolicyTestFile(file: string, args: Arguments, io: Io): FileOutcome {
  const name = relative(io.cwd, file) || file;
  const source = open(file, name, io);
  const read = validate(policyTestSchema, source.data ?? {});
  const say = (found: Found) =>
    formatProblem({
      path: showPath(found.path, source.data),
      message: found.message,
      source: name,
      ...lineOf(source, found),
    });
  const faults = [...source.faults, ...(read.ok ? [] : read.found)];
  if (!read.ok || faults.length > 0) throw new CommandError(faults.map(say).join('\n'), 2);
  const app = appOf(read.value, file, args, io);
  const { people, faults: unfit } = readPeople(read.value.people, app, io);
  if (unfit.length > 0) throw new CommandError(unfit.map(say).join('\n'), 2);
  const { asked, surprises, rules } = runPolicyTests(read.value, people, app, io.now());
  const lines = surprises.map(({ path, message }) => {
    const title = titleOf(read.value, path[1]);
    const line = source.line(path);
    return `${name}${line === undefined ? '' : `:${line}`} ${title === '' ? '' : `${title}: `}${message}`;
  });
  const named = app.channels.flatMap(({ target, enabled }, index): [string, boolean][] =>
    enabled ? [[`rule ${index + 1} of ${app.id}, ${target}`, rules.has(index + 1)]] : [],
  );
  return { asked, lines, rules: new Map(named) };
}

function open(file: string, name: string, io: Io): Source {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (fault) {
    throw failure(`${name} cannot be read (${(fault as NodeJS.ErrnoException).code})`);
  }
  const source = readSource(name, text, io.env);
  if ('problems' in source) throw new CommandError(source.problems.map(formatProblem).join('\n'), 2);
  if (source.data !== null && !isRecord(source.data)) throw new CommandError(`${name}: expected keys and values`, 2);
  return source;
}

/** The app that `--config` and `--app` name, or else the file itself. */
function appOf({ config, app }: PolicyTests, file: string, args: Arguments, io: Io): AppConfig {
  const id = args.text('app') ?? app;
  const wanted = new Arguments(new Map(id === undefined ? [] : [['app', [id]]]), []);
  if (config === undefined || args.has('config')) return appAtHand(configAtHand(args, io), wanted);
  const loaded = loadConfig({ file: resolve(dirname(file), config), env: io.env, flags: {} });
  if (!loaded.ok) throw new CommandError(loaded.problems.map(formatProblem).join('\n'), 2);
  return appAtHand(loaded.config, wanted);
}

function lineOf(source: Source, { path }: Found) {
  const line = source.line(path);
  return line === undefined ? {} : { line };
}

function titleOf({ tests }: PolicyTests, index: string | number | undefined): string {
  return tests[Number(index)]?.name ?? '';
}
