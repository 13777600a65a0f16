import * as v from 'valibot';
import { type Shape, shapeOf } from './shape.ts';
import type { Path } from './source.ts';
import { type Found, unknownKeys } from './unknown-keys.ts';

export type Validated<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly found: readonly Found[] };

/** Holds data against a schema: unknown keys first, then values, in the order of the document's paths. */
export function validate<T>(
  schema: v.GenericSchema<unknown, T>,
  data: unknown,
  shape: Shape = shapeOf(schema),
): Validated<T> {
  const strays = unknownKeys(data, shape);
  const result = v.safeParse(schema, data);
  if (result.success && strays.length === 0) return { ok: true, value: result.output };
  const faults = (result.issues ?? []).map((issue) => ({ path: pathOf(issue), message: say(issue) }));
  const told = new Set(strays.map(({ path }) => JSON.stringify(path)));
  return { ok: false, found: [...strays, ...faults.filter(({ path }) => !told.has(JSON.stringify(path)))] };
}

function pathOf(issue: v.BaseIssue<unknown>): Path {
  return (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
}

function say(issue: v.BaseIssue<unknown>): string {
  if (issue.kind === 'transformation') return issue.message;
  if (issue.received === 'undefined') return 'is required';
  return issue.type === 'array' ? 'expected a list' : 'expected keys and values';
}
