import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { checkConfig, type Finding, type Surroundings } from './checks/index.ts';
import { applyEnvironment } from './env.ts';
import type { Problem } from './problem.ts';
import { resolveConfig } from './resolve.ts';
import { rootSchema } from './schema/root.ts';
import { isRecord } from './section.ts';
import { shapeOf } from './shape.ts';
import { type Environment, type Path, readSource, type Source } from './source.ts';
import { emptyTree, put, showPath, type Tree } from './tree.ts';
import type { ServerConfig } from './types.ts';
import type { Found } from './unknown-keys.ts';
import { validate } from './validate.ts';

export interface Flags {
  readonly host?: string;
  readonly port?: string;
  readonly data?: string;
}

export interface LoadOptions {
  /** Path of the YAML file; absent: environment, flags and defaults alone. */
  readonly file?: string;
  readonly env: Environment;
  readonly flags: Flags;
  /** A server that runs already: what it reads is judged, and filled in, for the settings it runs with. */
  readonly running?: Surroundings | undefined;
}

export type Loaded =
  | { readonly ok: true; readonly config: ServerConfig; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const SHAPE = shapeOf(rootSchema);
const FLAG_PATHS = { host: ['server', 'host'], port: ['server', 'port'], data: ['data'] } as const;

/** Reads the configuration: flags over environment over file over defaults. Never throws for what it reads. */
export function loadConfig({ file, ...options }: LoadOptions): Loaded {
  if (file === undefined) return loadText(options);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    const message = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    return { ok: false, problems: [{ path: '', message, source: file }] };
  }
  return loadText({ ...options, name: file, text, base: dirname(resolve(file)) });
}

export interface TextOptions extends Omit<LoadOptions, 'file'> {
  readonly name?: string;
  readonly text?: string;
  /** Where relative paths of apps start from; the working directory when absent. */
  readonly base?: string;
}

/** The same for a document at hand. */
export function loadText(options: TextOptions): Loaded {
  const { name = 'configuration', text = '', base = process.cwd(), env, flags, running } = options;
  const source = readSource(name, text, env);
  if ('problems' in source) return { ok: false, problems: source.problems };
  const { data } = source;
  if (data !== null && data !== undefined && !isRecord(data)) {
    return { ok: false, problems: [{ path: '', message: 'expected keys and values', source: name }] };
  }
  const tree = data ?? emptyTree();
  const environment = applyEnvironment(tree, SHAPE, env);
  const origin = new Map([...environment.sources, ...applyFlags(tree, flags)]);
  const tell = (found: Found) => locate(found, tree, source, origin);
  const early = [...source.faults, ...environment.faults];
  const read = validate(rootSchema, tree, SHAPE);
  if (!read.ok || early.length > 0) {
    // What could not be expanded reads as empty, which is no second problem.
    const told = new Set(early.map(({ path }) => JSON.stringify(path)));
    const found = read.ok ? [] : read.found.filter(({ path }) => !told.has(JSON.stringify(path)));
    return { ok: false, problems: [...early, ...found].map(tell) };
  }
  const around = running ?? read.value.server;
  const findings = checkConfig(read.value, around);
  const errors = findings.filter(({ level }) => level === 'error');
  if (errors.length > 0) return { ok: false, problems: errors.map(tell) };
  return {
    ok: true,
    config: resolveConfig(read.value, { base, host: around.host }),
    warnings: findings.map((finding: Finding) => tell(finding)),
  };
}

function applyFlags(tree: Tree, flags: Flags): [string, string][] {
  return (['host', 'port', 'data'] as const).flatMap((name): [string, string][] => {
    const value = flags[name];
    if (value === undefined) return [];
    put(tree, FLAG_PATHS[name], value, SHAPE);
    return [[JSON.stringify(FLAG_PATHS[name]), `--${name}`]];
  });
}

/** Says where a problem stands: in the variable or flag that set the value, or on a line of the file. */
function locate(
  found: Found & { readonly source?: string },
  tree: Tree,
  source: Source,
  origin: ReadonlyMap<string, string>,
): Problem {
  const problem = { path: showPath(found.path, tree), message: found.message };
  const set = found.source ?? setBy(found.path, origin);
  if (set !== undefined) return { ...problem, source: set };
  const line = source.line(found.path);
  return line === undefined ? problem : { ...problem, source: source.name, line };
}

function setBy(path: Path, origin: ReadonlyMap<string, string>): string | undefined {
  for (let length = path.length; length > 0; length--) {
    const name = origin.get(JSON.stringify(path.slice(0, length)));
    if (name !== undefined) return name;
  }
  return undefined;
}
