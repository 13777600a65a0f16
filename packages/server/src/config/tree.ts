import { isRecord } from './section.ts';
import type { Section, Shape } from './shape.ts';
import type { Path } from './source.ts';

/** The configuration as it was read, before it is checked: plain data that environment and flags write over. */
export type Tree = Record<string, unknown>;

export function emptyTree(): Tree {
  return Object.create(null);
}

/** Writes one value, making the sections on the way. A plain value that stands for a section becomes that section. */
export function put(tree: Tree, path: Path, value: unknown, shape: Shape): void {
  let at: Tree | unknown[] = tree;
  let shapeAt: Shape | undefined = shape;
  path.forEach((step, index) => {
    shapeAt = below(shapeAt, step);
    if (index === path.length - 1) write(at, step, value);
    else at = descend(at, step, shapeAt);
  });
}

export function below(shape: Shape | undefined, step: string | number): Shape | undefined {
  if (shape?.kind === 'section') return shape.keys.get(String(step))?.shape;
  return shape?.kind === 'list' ? shape.item : undefined;
}

function descend(at: Tree | unknown[], step: string | number, shape: Shape | undefined): Tree | unknown[] {
  const now = read(at, step);
  if (isRecord(now) || Array.isArray(now)) return now;
  const made = shape?.kind === 'list' ? [] : sectionFrom(now, shape?.kind === 'section' ? shape : undefined);
  write(at, step, made);
  return made;
}

function sectionFrom(plain: unknown, shape: Section | undefined): Tree {
  const made = emptyTree();
  if (plain !== undefined && plain !== null && shape?.short?.standsFor !== undefined)
    made[shape.short.standsFor] = plain;
  return made;
}

function read(at: Tree | unknown[], step: string | number): unknown {
  return Array.isArray(at) ? at[Number(step)] : at[String(step)];
}

function write(at: Tree | unknown[], step: string | number, value: unknown): void {
  if (Array.isArray(at)) at[Number(step)] = value;
  else at[String(step)] = value;
}

/** How a path is shown: items of a list by their `id`, and where they have none by position from 1. */
export function showPath(path: Path, data: unknown): string {
  let at = data;
  const steps = path.map((step) => {
    const inList = Array.isArray(at);
    at = inList ? (at as unknown[])[Number(step)] : isRecord(at) ? at[String(step)] : undefined;
    return inList ? itemName(at, Number(step)) : String(step);
  });
  return steps.join('.');
}

export function itemName(item: unknown, index: number): string {
  const id = isRecord(item) ? (item.id ?? item.name) : undefined;
  return typeof id === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(id) ? id : String(index + 1);
}
