import { createHash } from 'node:crypto';
import { type Json, type JsonObject, NAME_MAX_BYTES } from '@portcullis/policy';
import type { PubNubSettings } from '../http/settings.ts';
import { isJsonObject } from '../messaging/json-text.ts';
import { type BadInput, bad } from './object-answers.ts';

type TextLimits = Pick<PubNubSettings, 'objectText' | 'objectCustom'>;

/** What a client says of fields: absent ones stay, null ones go. */
export type Patch = ReadonlyMap<string, Json>;
export type ReadPatch = { readonly ok: true; readonly patch: Patch } | BadInput;

/** Reads the named texts, and `custom`. What else is in the object is passed over. */
export function readPatch(given: JsonObject, texts: readonly string[], limits: TextLimits): ReadPatch {
  const patch = new Map<string, Json>();
  for (const name of texts) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined) continue;
    if (value !== null && typeof value !== 'string') return bad(name, 'Not a string');
    if (value !== null && /\p{Cs}/u.test(value)) return bad(name, 'Not well-formed Unicode');
    if (value !== null && Buffer.byteLength(value) > limits.objectText) {
      return bad(name, `More than ${limits.objectText} bytes`, { code: 'limit.objectText' });
    }
    patch.set(name, value);
  }
  const custom = Object.hasOwn(given, 'custom') ? given.custom : undefined;
  if (custom === undefined) return { ok: true, patch };
  const problem = custom === null ? undefined : problemOfCustom(custom, limits);
  return problem ?? { ok: true, patch: patch.set('custom', custom) };
}

function problemOfCustom(custom: Json, { objectCustom }: TextLimits): BadInput | undefined {
  if (!isJsonObject(custom)) return bad('custom', 'Not an object');
  for (const [name, value] of Object.entries(custom)) {
    if (value !== null && typeof value === 'object') return bad(`custom.${name}`, 'Not a string, number or boolean');
  }
  if (Buffer.byteLength(JSON.stringify(custom)) <= objectCustom) return undefined;
  return bad('custom', `More than ${objectCustom} bytes`, { code: 'limit.objectCustom' });
}

/** The fields after the patch. What is null is not kept. */
export function patched(fields: JsonObject, patch: Patch): JsonObject {
  const merged = new Map([...Object.entries(fields), ...patch].filter(([name]) => patch.get(name) !== null));
  return Object.fromEntries([...merged].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The same for the same content, whatever the order of its fields. */
export function etagOf(fields: JsonObject): string {
  return createHash('sha256').update(canonical(fields)).digest('base64url').slice(0, 16);
}

function canonical(value: Json): string {
  if (value === null || typeof value !== 'object' || !isJsonObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(',')}}`;
}

/** Ids of users: names of no channel, but stored and shown as one. */
export function isUserId(id: string): boolean {
  return id !== '' && !/\p{Cs}/u.test(id) && Buffer.byteLength(id) <= NAME_MAX_BYTES;
}

/** `2026-11-23T01:44:03.123456Z` of µs since 1970. */
export function timeText(micros: number): string {
  const ms = Math.floor(micros / 1_000);
  return `${new Date(ms).toISOString().slice(0, -1)}${String(micros - ms * 1_000).padStart(3, '0')}Z`;
}

/** Later than what it replaces. */
export const timeOf = (now: number, before: { readonly updated: number } | null): number =>
  Math.max(Math.floor(now * 1_000), (before?.updated ?? 0) + 1);
