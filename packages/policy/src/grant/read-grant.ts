import type { Json, JsonObject } from '../principal.ts';
import { CanonicalReader, latin1 } from './canonical-reader.ts';
import { ALL_BITS } from './check-grant.ts';
import { NONCE_KEY, SIGNATURE_BYTES, TOKEN_VERSION } from './encode-grant.ts';
import type { Grant, GrantEntries, GrantSection, GrantTable } from './grant.ts';
import { GRANT_LIMITS } from './grant-limits.ts';
import { NotAToken } from './not-a-token.ts';
import type { Platform } from './token.ts';

/** What a token says, in the one spelling that `encodeGrant` gives it. */
export type GrantFields = Omit<Grant, 'id' | 'key'>;

/** A structural key: a byte string, preceded by its length. */
const key = (ascii: string): Uint8Array => Uint8Array.of(0x40 + ascii.length, ...bytesOf(ascii));
const bytesOf = (ascii: string): number[] => [...ascii].map((character) => character.charCodeAt(0));

const MAP_OF = { five: Uint8Array.of(0xa5), seven: Uint8Array.of(0xa7), eight: Uint8Array.of(0xa8) };
const KEY = {
  version: Uint8Array.of(...key('v'), TOKEN_VERSION),
  issuedAt: key('t'),
  ttl: key('ttl'),
  resources: key('res'),
  patterns: key('pat'),
  channels: key('chan'),
  groups: key('grp'),
  /** The vendor's, and empty. */
  spacesAndUsers: Uint8Array.of(...key('spc'), 0xa0, ...key('usr'), 0xa0),
  uuid: key('uuid'),
  meta: key('meta'),
  signature: Uint8Array.of(...key('sig'), 0x58, SIGNATURE_BYTES),
};

/**
 * Reads a token in one pass. Whatever `encodeGrant` would write otherwise, were it asked to write what is read, throws
 * `NotAToken`: keys unknown, missing, twice or out of order, numbers spelled at length, unknown bits, trailing bytes.
 */
export function readGrant(bytes: Uint8Array, platform?: Platform): GrantFields {
  const reader = new CanonicalReader(bytes, platform?.latin1 ?? latin1);
  const bound = reader.skip(MAP_OF.eight);
  if (!bound) reader.expect(MAP_OF.seven);
  reader.expect(KEY.version);
  reader.expect(KEY.issuedAt);
  const issuedAt = reader.count();
  reader.expect(KEY.ttl);
  const ttl = reader.count();
  if (ttl < 1 || ttl > GRANT_LIMITS.ttl) throw new NotAToken('its ttl is out of range');
  reader.expect(KEY.resources);
  const resources = readTable(reader);
  reader.expect(KEY.patterns);
  const patterns = readTable(reader);
  reader.expect(KEY.meta);
  const meta = readMeta(reader);
  const authorizedUser = bound ? readUser(reader) : undefined;
  reader.expect(KEY.signature);
  if (reader.left !== SIGNATURE_BYTES) throw new NotAToken('it does not end with its signature');
  return authorizedUser === undefined
    ? { issuedAt, ttl, resources, patterns, meta }
    : { issuedAt, ttl, authorizedUser, resources, patterns, meta };
}

function readTable(reader: CanonicalReader): GrantTable {
  reader.expect(MAP_OF.five);
  reader.expect(KEY.channels);
  const channels = readEntries(reader, 'channels');
  reader.expect(KEY.groups);
  const groups = readEntries(reader, 'groups');
  reader.expect(KEY.spacesAndUsers);
  reader.expect(KEY.uuid);
  return { channels, groups, uuids: readEntries(reader, 'uuids') };
}

/** Most sections of most tokens: tokens are held as long as the connections that show them. */
const NO_ENTRIES: GrantEntries = new Map();

function readEntries(reader: CanonicalReader, section: GrantSection): GrantEntries {
  const count = reader.map();
  if (count === 0) return NO_ENTRIES;
  const entries = new Map<string, number>();
  const all = ALL_BITS[section];
  let before: string | undefined;
  for (let left = count; left > 0; left--) {
    const name = reader.text();
    if (before !== undefined && name <= before) throw new NotAToken('names are out of order');
    const mask = reader.count();
    if (mask < 1 || mask > all || (mask | all) !== all) throw new NotAToken('it has a permission that does not exist');
    entries.set(name, mask);
    before = name;
  }
  return entries;
}

/** Without the nonce, which has to be there. */
function readMeta(reader: CanonicalReader): JsonObject {
  const meta: [string, Json][] = [];
  let before: string | undefined;
  let nonce: Json | undefined;
  for (let left = reader.map(); left > 0; left--) {
    const name = reader.text();
    if (before !== undefined && name <= before) throw new NotAToken('meta is out of order');
    const value = reader.scalar();
    if (name === NONCE_KEY) nonce = value;
    else meta.push([name, value]);
    before = name;
  }
  if (typeof nonce !== 'string') throw new NotAToken('it has no nonce');
  return meta.length === 0 ? {} : Object.fromEntries(meta);
}

function readUser(reader: CanonicalReader): string {
  reader.expect(KEY.uuid);
  const user = reader.text();
  if (user === '') throw new NotAToken('its uuid is empty');
  return user;
}
