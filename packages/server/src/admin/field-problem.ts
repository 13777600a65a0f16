import { didYouMean } from '@portcullis/policy';
import * as v from 'valibot';
import type { FieldProblem } from '../http/problem.ts';

/** What a field takes, in words, where its schema alone says it badly. Goes into the pipe of the schema. */
export function takes<T>(words: string): v.MetadataAction<T, { readonly takes: string }> {
  return v.metadata({ takes: words });
}

/** One field of a call that is not as its schema says: where it is, and what would be right. Never repeats what was sent. */
export function fieldProblem(schema: v.GenericSchema, issue: v.BaseIssue<unknown>, at: string): FieldProblem {
  const { keys, message } = describe(schema, issue, keysOf(issue));
  return { path: (at === '' ? keys : [at, ...keys]).join('.'), message };
}

interface Described {
  readonly keys: readonly string[];
  readonly message: string;
}

function describe(schema: v.GenericSchema, issue: v.BaseIssue<unknown>, keys: readonly string[]): Described {
  if (issue.type === 'strict_object' && issue.expected === 'never') return { keys, message: unknownKey(schema, keys) };
  const inside = (issue.issues ?? []).map((inner) => ({ inner, path: [...keys, ...keysOf(inner)] }));
  const deeper = inside.find(({ path }) => path.length > keys.length);
  // Where one kind of thing alone has an inside, what was sent was meant to be of that kind.
  if (deeper && schemasAt(schema, keys).filter(hasInside).length === 1) {
    return describe(schema, deeper.inner, deeper.path);
  }
  for (const { inner, path } of [{ inner: issue, path: keys }, ...inside]) {
    const words = wordsAt(schema, path);
    if (typeof inner.input !== 'string' || words.length === 0 || words.includes(inner.input)) continue;
    return { keys: path, message: `expected one of ${words.join(', ')}${didYouMean(inner.input, words)}` };
  }
  const wanted = noteAt(schema, keys) ?? issue.expected ?? issue.requirement ?? 'another value';
  return { keys, message: `${issue.received === 'undefined' ? 'is missing, ' : ''}expected ${wanted}` };
}

function keysOf(issue: v.BaseIssue<unknown>): readonly string[] {
  return issue.path?.map(({ key }) => String(key)) ?? [];
}

function unknownKey(schema: v.GenericSchema, keys: readonly string[]): string {
  const known = schemasAt(schema, keys.slice(0, -1)).flatMap(({ entries }) => Object.keys(entries ?? {}));
  if (known.length === 0) return 'unknown key';
  const near = didYouMean(keys.at(-1) ?? '', known);
  return `unknown key${near === '' ? `; known here: ${[...new Set(known)].join(', ')}` : near}`;
}

/** The words that may stand there, if all that may are words or something that is no text. */
function wordsAt(schema: v.GenericSchema, path: readonly string[]): readonly string[] {
  const words = schemasAt(schema, path).flatMap((one): unknown[] => {
    if (one.type === 'picklist') return [...(one.options ?? [])];
    return one.type === 'literal' ? [one.literal] : one.type === 'string' ? [undefined] : [];
  });
  return words.every((word) => typeof word === 'string') ? [...new Set(words)] : [];
}

function noteAt(schema: v.GenericSchema, path: readonly string[]): string | undefined {
  const [one] = path.reduce<readonly Parts[]>((now, key) => now.flatMap((part) => below(part, key)), [schema as Parts]);
  for (let inner = one; inner !== undefined; inner = inner.wrapped) {
    const { takes: words } = v.getMetadata(inner as unknown as v.GenericSchema) as { takes?: string };
    if (words !== undefined) return words;
  }
  return undefined;
}

/** What of the schemas of valibot says what is inside of them. */
interface Parts {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Parts>>;
  readonly wrapped?: Parts;
  readonly item?: Parts;
  readonly value?: Parts;
  readonly literal?: unknown;
  readonly options?: readonly unknown[];
}

/** Every schema that what stands there is held against. */
function schemasAt(schema: v.GenericSchema, path: readonly string[]): readonly Parts[] {
  return path
    .reduce<readonly Parts[]>((now, key) => now.flatMap((part) => below(part, key)), [schema as Parts])
    .flatMap(alternatives);
}

function below(part: Parts, key: string): readonly Parts[] {
  return alternatives(part).flatMap(({ type, entries, item, value }) => {
    const inner =
      entries === undefined ? (type === 'record' ? value : item) : new Map(Object.entries(entries)).get(key);
    return inner === undefined ? [] : [inner];
  });
}

function hasInside({ entries, item, value }: Parts): boolean {
  return entries !== undefined || item !== undefined || value !== undefined;
}

function alternatives(part: Parts): readonly Parts[] {
  if (part.wrapped !== undefined) return alternatives(part.wrapped);
  if (part.type !== 'union' && part.type !== 'variant') return [part];
  return (part.options as readonly Parts[]).flatMap(alternatives);
}
