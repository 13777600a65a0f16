import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { Expansion } from './expand.ts';
import type { Problem } from './problem.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
export type Fault = (message: string) => void;
export type Path = readonly (string | number)[];

const DEEPEST = 32;
const LARGEST = 8 * 1024 * 1024;

/** A YAML document as plain data, and where in it a path stands. */
export interface Source {
  readonly name: string;
  readonly data: unknown;
  readonly faults: readonly { readonly path: Path; readonly message: string }[];
  /** 1-based line of the key or item, or of the nearest thing around it. */
  line(path: Path): number | undefined;
}

/** Reads YAML 1.2 (so `on` is a word and no switch of its own) with `${NAME}` expanded inside strings. */
export function readSource(name: string, text: string, env: Environment): Source | { readonly problems: Problem[] } {
  const refuse = (message: string, line?: number) => ({
    problems: [{ path: '', message, source: name, ...(line === undefined ? {} : { line }) }],
  });
  if (text.length > LARGEST) return refuse(`is larger than ${LARGEST} characters`);
  const expansion = new Expansion(text);
  const lines = new LineCounter();
  const document = parse(expansion.masked, lines);
  if (document === undefined) return refuse('is nested too deeply to be read');
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map(({ message, pos }) => ({
        path: '',
        message: expansion.unmask(message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, ''),
        source: name,
        line: lines.linePos(pos[0]).line,
      })),
    };
  }
  const faults: { path: Path; message: string }[] = [];
  const data = toPlain(document, expansion, env, faults);
  if (data === TOO_DEEP) return refuse(`is nested deeper than ${DEEPEST} levels`);
  return { name, data, faults, line: (path) => lineOf(document, path, lines) };
}

function parse(text: string, lineCounter: LineCounter): Document | undefined {
  try {
    return parseDocument(text, { version: '1.2', lineCounter, prettyErrors: false, strict: true, logLevel: 'silent' });
  } catch (fault) {
    if (fault instanceof RangeError) return undefined;
    throw fault;
  }
}

const TOO_DEEP = Symbol('too deep');

function toPlain(
  document: Document,
  expansion: Expansion,
  env: Environment,
  faults: { path: Path; message: string }[],
): unknown {
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 100 });
  } catch (fault) {
    faults.push({ path: [], message: fault instanceof RangeError ? 'is nested too deeply' : (fault as Error).message });
    return undefined;
  }
  const plain = (value: unknown, path: Path): unknown => {
    if (path.length > DEEPEST) throw new RangeError();
    if (typeof value === 'string') {
      return expansion.resolve(value, env, (message) => faults.push({ path, message }));
    }
    if (Array.isArray(value)) return value.map((item, index) => plain(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    // No prototype: a key named `constructor` or `__proto__` is a key like any other.
    const copy: Record<string, unknown> = Object.create(null);
    for (const [key, item] of Object.entries(value)) {
      const name = expansion.unmask(key);
      copy[name] = plain(item, [...path, name]);
    }
    return copy;
  };
  try {
    return plain(raw, []);
  } catch (fault) {
    if (fault instanceof RangeError) return TOO_DEEP;
    throw fault;
  }
}

function lineOf(document: Document, path: Path, lines: LineCounter): number | undefined {
  let node: unknown = document.contents;
  let offset = (node as Node | null)?.range?.[0];
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step));
      if (pair === undefined) break;
      offset = (pair.key as Node | null)?.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = (node as Node | null | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}
