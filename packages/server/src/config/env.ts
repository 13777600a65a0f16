import { didYouMean } from '@portcullis/policy';
import { parse } from 'yaml';
import { isRecord } from './section.ts';
import type { Shape } from './shape.ts';
import type { Environment, Path } from './source.ts';
import { emptyTree, itemName, put, type Tree } from './tree.ts';
import type { Found } from './unknown-keys.ts';

export const PREFIX = 'PORTCULLIS_';
/** Ours, but no keys: the file to read, and what Kubernetes sets for a service that is named `portcullis`. */
const NOT_KEYS = /^PORTCULLIS_(?:CONFIG|URL|PORT|SERVICE_HOST|SERVICE_PORT(?:_.*)?|PORT_\d+_(?:TCP|UDP).*)$/;

/** Writes every `PORTCULLIS_…` variable over the tree; answers where each value came from. */
export function applyEnvironment(tree: Tree, shape: Shape, env: Environment) {
  const sources = new Map<string, string>();
  const faults: (Found & { readonly source: string })[] = [];
  let known: readonly string[] | undefined;
  // Shorter names first: a whole section, then the keys within it.
  const names = Object.keys(env).filter((name) => name.startsWith(PREFIX) && !NOT_KEYS.test(name));
  for (const name of names.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))) {
    const fault = (message: string, path: Path = []) => faults.push({ path, message, source: name });
    const tail = name.slice(PREFIX.length);
    const [found, second] = find(tail, shape, tree);
    const text = env[name] ?? '';
    if (found === undefined) {
      known ??= variableNames(shape, tree);
      fault(`no key has this variable${didYouMean(name, known)}`);
    } else if (second !== undefined) fault('stands for several keys; set them in the file');
    else if (text === '') fault('is empty', found.path);
    else {
      const value = readText(text, found.shape);
      if (value === undefined) fault('expected YAML or JSON', found.path);
      else {
        if (found.creates !== undefined) put(tree, [...found.creates.at, 'id'], found.creates.id, shape);
        put(tree, found.path, value, shape);
        known = undefined;
        sources.set(JSON.stringify(found.path), name);
      }
    }
  }
  return { sources, faults };
}

interface Target {
  readonly path: Path;
  readonly shape: Shape;
  /** The item of a list by id that the variable is the first to name. */
  readonly creates?: { readonly at: Path; readonly id: string };
}

/** `adminToken` is `ADMIN_TOKEN`. */
export function spell(key: string): string {
  return key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]/g, '_')
    .toUpperCase();
}

function find(tail: string, shape: Shape, data: unknown, path: Path = []): Target[] {
  if (tail === '') return [{ path, shape }];
  if (shape.kind === 'leaf') return [];
  if (shape.kind === 'list') return findItem(tail, shape.item, data, path);
  return [...shape.keys].flatMap(([key, { shape: inner }]) => {
    const rest = after(tail, spell(key));
    return rest === undefined ? [] : find(rest, inner, isRecord(data) ? data[key] : undefined, [...path, key]);
  });
}

function findItem(tail: string, item: Shape, data: unknown, path: Path): Target[] {
  if (item.kind !== 'section') return [];
  const items = Array.isArray(data) ? data : [];
  const known = items.flatMap((value: unknown, index) => {
    const names = new Set([spell(itemName(value, index)), String(index + 1)]);
    return [...names].flatMap((name) => {
      const rest = after(tail, name);
      return rest === undefined ? [] : find(rest, item, value, [...path, index]);
    });
  });
  const named = items.some((value, index) => after(tail, spell(itemName(value, index))) !== undefined);
  if (known.length > 0 || named || !item.keys.get('id')?.fallback.startsWith('required')) return known;
  return firstNaming(tail, item, items, path);
}

/** An item that nothing has named yet is made, with its id in lower case, unless the name looks like a misspelt one. */
function firstNaming(tail: string, item: Shape, items: readonly unknown[], path: Path): Target[] {
  const parts = tail.split('_');
  for (let length = 1; length < parts.length; length++) {
    const id = parts.slice(0, length).join('-').toLowerCase();
    const at = [...path, items.length];
    const [target] = find(parts.slice(length).join('_'), item, undefined, at);
    const misspelt = didYouMean(id, items.map(itemName)) !== '';
    if (target !== undefined && id !== '' && !misspelt) return [{ ...target, creates: { at, id } }];
  }
  return [];
}

function after(tail: string, name: string): string | undefined {
  if (tail === name) return '';
  return tail.startsWith(`${name}_`) ? tail.slice(name.length + 1) : undefined;
}

/** A plain value stays text, its schema reads it; lists and sections are YAML (or JSON), a list of texts may be `a,b`. */
function readText(text: string, shape: Shape): unknown {
  const plain =
    shape.kind === 'leaf' || (shape.kind === 'section' && shape.short !== undefined && !/^\s*\{/.test(text));
  if (plain) return shape.kind === 'leaf' && /^\s*\[/.test(text) && shape.shape.includes('list') ? yaml(text) : text;
  if (shape.kind === 'list' && shape.item.kind === 'leaf' && !/^\s*(?:\[|-\s)/.test(text)) {
    return text.split(',').map((part) => part.trim());
  }
  return yaml(text);
}

function yaml(text: string): unknown {
  try {
    const value: unknown = parse(text, { version: '1.2', logLevel: 'silent' });
    return typeof value === 'object' && value !== null ? bare(value) : undefined;
  } catch {
    return undefined;
  }
}

function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (!isRecord(value)) return value;
  return Object.assign(emptyTree(), Object.fromEntries(Object.entries(value).map(([key, item]) => [key, bare(item)])));
}

/** Every variable there is, for the items that are there. */
export function variableNames(shape: Shape, data: unknown, prefix = PREFIX.slice(0, -1)): string[] {
  if (shape.kind === 'leaf') return [prefix];
  if (shape.kind === 'list') {
    const items = Array.isArray(data) ? data : [];
    return [
      prefix,
      ...items.flatMap((item, index) => variableNames(shape.item, item, `${prefix}_${spell(itemName(item, index))}`)),
    ];
  }
  return [...shape.keys].flatMap(([key, { shape: inner }]) =>
    variableNames(inner, isRecord(data) ? data[key] : undefined, `${prefix}_${spell(key)}`),
  );
}
