import {
  BIT,
  didYouMean,
  GRANT_SECTIONS,
  type GrantSection,
  type GrantSpec,
  type JsonObject,
  type Permission,
} from '@portcullis/policy';
import { isRecord } from '../config/section.ts';
import { usage } from './command.ts';

type Table = { readonly [section in GrantSection]: Map<string, number> };
type Permissions = Pick<GrantSpec, 'resources' | 'patterns' | 'meta'>;

/** Names of permissions in the order in which they are listed. */
export const PERMISSIONS = Object.keys(BIT) as readonly Permission[];

export class PermissionTable {
  readonly resources: Table = { channels: new Map(), groups: new Map(), uuids: new Map() };
  readonly patterns: Table = { channels: new Map(), groups: new Map(), uuids: new Map() };

  add(kind: 'resources' | 'patterns', section: GrantSection, name: string, bits: number): void {
    const entries = this[kind][section];
    entries.set(name, (entries.get(name) ?? 0) | bits);
  }
}

/** `read,write:NAME`: the bits, and the name or pattern, which may itself hold colons. */
export function readEntry(text: string, flag: string): { bits: number; name: string } {
  const colon = text.indexOf(':');
  const name = text.slice(colon + 1);
  if (colon < 1 || name === '') throw usage(`--${flag} takes PERMISSIONS:NAME, like read,write:chat`);
  return { bits: readBits(text.slice(0, colon).split(',')), name };
}

export function readBits(words: readonly unknown[]): number {
  return words.reduce((bits: number, word) => {
    const bit = PERMISSIONS.find((permission) => permission === String(word).trim());
    if (bit === undefined)
      throw usage(
        `"${String(word)}" is no permission${didYouMean(String(word), PERMISSIONS) || `: ${PERMISSIONS.join(', ')}`}`,
      );
    return bits | BIT[bit];
  }, 0);
}

/**
 * `{ resources: { channels: { "chat": 3 } }, patterns: { … }, meta: { … } }`, as PubNub's grant call has it. Bits are a
 * number, a list of words, or an object of switches.
 */
export function readPermissions(json: unknown): Permissions {
  if (!isRecord(json)) throw usage('permissions are an object with resources and patterns');
  for (const name of Object.keys(json)) {
    const known = ['resources', 'patterns', 'meta'];
    if (!known.includes(name)) throw usage(`permissions have no "${name}"${didYouMean(name, known)}`);
  }
  const table = new PermissionTable();
  for (const kind of ['resources', 'patterns'] as const) readSections(json[kind], kind, table);
  const meta = isRecord(json.meta) ? { meta: json.meta as JsonObject } : {};
  return { ...meta, resources: table.resources, patterns: table.patterns };
}

function readSections(json: unknown, kind: 'resources' | 'patterns', table: PermissionTable): void {
  if (json === undefined) return;
  if (!isRecord(json)) throw usage(`${kind} is an object with ${GRANT_SECTIONS.join(', ')}`);
  for (const [name, entries] of Object.entries(json)) {
    const section = GRANT_SECTIONS.find((known) => known === name);
    if (section === undefined) throw usage(`${kind} has no "${name}"${didYouMean(name, GRANT_SECTIONS)}`);
    if (!isRecord(entries)) throw usage(`${kind}.${name} is an object of names`);
    for (const [resource, bits] of Object.entries(entries)) table.add(kind, section, resource, maskOf(bits));
  }
}

function maskOf(bits: unknown): number {
  if (typeof bits === 'number') return bits;
  if (typeof bits === 'string') return readBits(bits.split(','));
  if (Array.isArray(bits)) return readBits(bits);
  if (isRecord(bits)) return readBits(Object.keys(bits).filter((name) => bits[name] === true));
  throw usage('permissions are a number, a list of words, or an object of switches');
}

/** `read, write`. */
export function sayBits(bits: number): string {
  return PERMISSIONS.filter((permission) => (bits & BIT[permission]) !== 0).join(', ') || 'nothing';
}
