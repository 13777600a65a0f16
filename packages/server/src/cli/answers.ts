import { isRecord } from '../config/section.ts';
import type { Arguments } from './arguments.ts';
import { APP_OPTION, CONFIG_OPTION } from './at-hand.ts';
import { type Command, failure, type Option, usage } from './command.ts';
import type { Io } from './io.ts';
import { URL_OPTION } from './management.ts';

const JSON_OPTION: Option = { about: 'Print the answer of the management API as it is.' };

/** What every command takes that asks the management API and shows what it answers. */
export const SHOWING: Command['options'] = {
  app: APP_OPTION,
  config: CONFIG_OPTION,
  url: URL_OPTION,
  json: JSON_OPTION,
};

export type Shown = Readonly<Record<string, unknown>>;

/** A list in an answer. Another server may stand at the address. */
export function listIn(answer: unknown, name: string): readonly Shown[] {
  const list = isRecord(answer) ? answer[name] : undefined;
  if (!Array.isArray(list)) throw failure(`the server gave no ${name}: is it Portcullis?`);
  return list.filter(isRecord);
}

/** Prints the whole answer where it was asked for, otherwise these lines. */
export function show(answer: unknown, lines: readonly string[], { args, io }: { args: Arguments; io: Io }): void {
  if (args.has('json')) io.out(JSON.stringify(answer, null, 2));
  else for (const line of lines) io.out(line);
}

/** `?name=value` of those options that were given. */
export function queryOf(args: Arguments, names: readonly string[]): string {
  const given = names.flatMap((name) => {
    if (!args.has(name)) return [];
    return `${name}=${encodeURIComponent(args.text(name) ?? 'true')}`;
  });
  return given.length === 0 ? '' : `?${given.join('&')}`;
}

/** ms since 1970, as a date. */
export const dateOf = (at: unknown): string => (typeof at === 'number' ? new Date(at).toISOString() : '-');

export function readCount(text: string, flag: string): number {
  if (!/^[1-9]\d{0,15}$/.test(text)) throw usage(`--${flag} takes a whole number`);
  return Number(text);
}
