import type { Json, JsonObject } from '@portcullis/policy';
import { isDeeperThan } from '../../shared/json-depth.ts';

export type JsonProblem = 'malformed' | 'too-deep';

/** Reads JSON text of strangers. How deeply it nests is looked at before anything recursive touches it. */
export function parseJson(
  text: string,
  depth: number,
): { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly problem: JsonProblem } {
  if (isDeeperThan(text, depth)) return { ok: false, problem: 'too-deep' };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, problem: 'malformed' };
  }
}

export function isJsonObject(value: Json): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** JSON text of an object whose keys strangers chose: their order is kept, and no key means anything. Values are JSON text. */
export function objectText(entries: Iterable<readonly [string, string]>): string {
  const members: string[] = [];
  for (const [key, text] of entries) members.push(`${JSON.stringify(key)}:${text}`);
  return `{${members.join(',')}}`;
}
