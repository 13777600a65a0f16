import { decode } from 'cborg';
import type { Json, JsonObject } from '../principal.ts';
import type { GrantEntries, GrantSection, GrantTable } from './grant.ts';
import { NotAToken } from './not-a-token.ts';
import { STRICT } from './strict-cbor.ts';

/** What a token says, nothing checked but its shape. */
export interface TokenFields {
  readonly version: number;
  readonly issuedAt: number;
  readonly ttl: number;
  readonly authorizedUser?: string;
  readonly resources: GrantTable;
  readonly patterns: GrantTable;
  readonly meta: JsonObject;
  readonly signature: Uint8Array;
}

/**
 * Reads the CBOR of a v3 token as the vendor's SDKs do: keys as byte or text strings, sections that may be missing, and
 * the vendor's `spc` and `usr`. For people to look at: `readGrant` reads what is to be believed.
 */
export function decodeToken(bytes: Uint8Array): TokenFields {
  const token = asMap(decode(bytes, STRICT), 'token');
  const uuid = token.get('uuid');
  const fields = {
    version: asCount(token.get('v'), 'v'),
    issuedAt: asCount(token.get('t'), 't'),
    ttl: asCount(token.get('ttl'), 'ttl'),
    resources: asTable(token.get('res'), 'res'),
    patterns: asTable(token.get('pat'), 'pat'),
    meta: asMeta(token.get('meta')),
    signature: asBytes(token.get('sig')),
  };
  if (uuid === undefined) return fields;
  if (typeof uuid !== 'string') throw new NotAToken('uuid is not text');
  return { ...fields, authorizedUser: uuid };
}

/** A map with its keys as text: the vendor writes structural keys as byte strings. */
function asMap(value: unknown, at: string): Map<string, unknown> {
  if (!(value instanceof Map)) throw new NotAToken(`${at} is not a map`);
  const map = new Map<string, unknown>();
  for (const [key, entry] of value as Map<unknown, unknown>) {
    const name =
      typeof key === 'string'
        ? key
        : key instanceof Uint8Array
          ? String.fromCharCode(...key.subarray(0, 64))
          : undefined;
    if (name === undefined) throw new NotAToken(`${at} has a key that is not text`);
    if (map.has(name)) throw new NotAToken(`${at} has a key twice`);
    map.set(name, entry);
  }
  return map;
}

const SECTION_KEYS: { readonly [section in GrantSection]: string } = { channels: 'chan', groups: 'grp', uuids: 'uuid' };

function asTable(value: unknown, at: string): GrantTable {
  const sections = asMap(value, at);
  const section = (name: GrantSection): GrantEntries => {
    const entries = sections.get(SECTION_KEYS[name]);
    return entries === undefined ? new Map() : asEntries(entries, `${at}.${SECTION_KEYS[name]}`);
  };
  return { channels: section('channels'), groups: section('groups'), uuids: section('uuids') };
}

function asEntries(value: unknown, at: string): GrantEntries {
  const entries = new Map<string, number>();
  for (const [name, mask] of asMap(value, at)) entries.set(name, asCount(mask, at));
  return entries;
}

function asMeta(value: unknown): JsonObject {
  const meta: [string, Json][] = [];
  for (const [name, entry] of asMap(value ?? new Map(), 'meta')) {
    if (entry !== null && typeof entry !== 'string' && typeof entry !== 'number' && typeof entry !== 'boolean') {
      throw new NotAToken('meta holds scalars only');
    }
    meta.push([name, entry]);
  }
  return Object.fromEntries(meta);
}

function asCount(value: unknown, at: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new NotAToken(`${at} is not a count`);
  return value;
}

function asBytes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new NotAToken('sig is not a byte string');
  return value;
}
