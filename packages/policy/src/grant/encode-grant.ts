import { encode } from 'cborg';
import type { JsonObject } from '../principal.ts';
import type { GrantTable } from './grant.ts';

export const SIGNATURE_BYTES = 32;
export const TOKEN_VERSION = 2;
/** The entry of `meta` that makes every grant unique. SDKs show it among the application's own; we do not. */
export const NONCE_KEY = '_nonce';

export interface GrantContent {
  readonly issuedAt: number;
  readonly ttl: number;
  readonly authorizedUser?: string;
  readonly resources: GrantTable;
  readonly patterns: GrantTable;
  readonly meta: JsonObject;
  readonly nonce: string;
}

/**
 * The canonical bytes of a grant in the form of PubNub's v3 token, with `signature` in its place: a CBOR map with
 * byte-string keys in the vendor's order, every section present, entries sorted by name. The signature is the last 32
 * bytes and covers all before it.
 */
export function encodeGrant(content: GrantContent, signature: Uint8Array): Uint8Array {
  const token = new Map<Uint8Array, unknown>([
    [key('v'), TOKEN_VERSION],
    [key('t'), content.issuedAt],
    [key('ttl'), content.ttl],
    [key('res'), sections(content.resources)],
    [key('pat'), sections(content.patterns)],
    [key('meta'), sorted(new Map(Object.entries({ ...content.meta, [NONCE_KEY]: content.nonce })))],
  ]);
  if (content.authorizedUser !== undefined) token.set(key('uuid'), content.authorizedUser);
  token.set(key('sig'), signature);
  // Sorting nothing keeps the order of the maps, which is the vendor's.
  return encode(token, { mapSorter: () => 0 });
}

/** Always with `chan` and `grp`, which SDKs read unasked; `spc` and `usr` are the vendor's, and empty. */
function sections({ channels, groups, uuids }: GrantTable): Map<Uint8Array, unknown> {
  return new Map([
    [key('chan'), sorted(channels)],
    [key('grp'), sorted(groups)],
    [key('spc'), new Map()],
    [key('usr'), new Map()],
    [key('uuid'), sorted(uuids)],
  ]);
}

function sorted<V>(entries: ReadonlyMap<string, V>): Map<string, V> {
  return new Map([...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

function key(ascii: string): Uint8Array {
  return Uint8Array.from(ascii, (character) => character.charCodeAt(0));
}
