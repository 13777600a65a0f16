import { parseArgs } from 'node:util';
import { didYouMean } from '@portcullis/policy';
import { type Command, type Option, usage } from './command.ts';

/** A command line, held against what its command takes. */
export class Arguments {
  readonly #values: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];

  constructor(values: ReadonlyMap<string, readonly string[]>, operands: readonly string[]) {
    this.#values = values;
    this.operands = operands;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The value that was given last. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw usage(`--${name} is required`);
    return value;
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }
}

const HELP: Option = { about: 'Show this.' };

export function withHelp(options: Command['options']): Command['options'] {
  return { ...options, help: HELP };
}

/** Throws a usage error that names the nearest flag, for what the command does not take. */
export function readArguments(command: Command, argv: readonly string[]): Arguments {
  const known = new Map(Object.entries(withHelp(command.options)));
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      [...known].map(([name, { value }]) => [name, { type: value === undefined ? 'boolean' : 'string' }]),
    ),
  });
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  let open: string[] | undefined;
  for (const token of tokens) {
    if (token.kind === 'positional') {
      // `--read a b`: what follows an option that takes several values is one of them.
      (open ?? operands).push(token.value);
    } else if (token.kind === 'option') {
      const option = known.get(token.name);
      if (option === undefined) throw unknown(token.rawName, known.keys());
      const list = values.get(token.name) ?? [];
      values.set(token.name, list);
      if (option.value === undefined) {
        if (token.value !== undefined) throw usage(`--${token.name} takes no value`);
      } else list.push(givenTo(token));
      open = option.multiple ? list : undefined;
    } else open = undefined;
  }
  const [stray] = operands;
  if (stray !== undefined && command.operands === undefined && !values.has('help')) {
    throw usage(
      `"${stray}" is one word too many${didYouMean(
        stray,
        [...known.keys()].map((name) => `--${name}`),
      )}`,
    );
  }
  return new Arguments(values, operands);
}

function givenTo(token: {
  readonly name: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}): string {
  const { name, value, inlineValue } = token;
  if (value === undefined || value === '' || (inlineValue !== true && value.startsWith('--'))) {
    throw usage(`--${name} needs a value`);
  }
  return value;
}

function unknown(flag: string, known: Iterable<string>) {
  const names = [...known].map((name) => `--${name}`);
  return usage(`there is no ${flag}${didYouMean(flag, names)}`);
}
