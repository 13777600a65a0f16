import {
  GRANT_SECTIONS,
  type GrantEntries,
  type GrantSection,
  type GrantSpec,
  type Json,
  type JsonObject,
} from '@portcullis/policy';
import type { GrantComplaint } from './complaints.ts';

export type GrantRead =
  | { readonly ok: true; readonly spec: GrantSpec }
  | { readonly ok: false; readonly complaint: GrantComplaint };

type Table = { readonly [section in GrantSection]: GrantEntries };

/** Under these names the same resources are granted once more by some clients, or alone by others. */
const ALSO: { readonly [section in GrantSection]?: string } = { channels: 'spaces', uuids: 'users' };

/**
 * The grant that a body asks for: `{ ttl, permissions: { resources, patterns, meta, uuid? } }`. Reads form alone; whether
 * such a grant may be minted is for `mintGrant` to say.
 */
export function readGrantBody(text: string): GrantRead {
  const body = parse(text);
  if (!isRecord(body)) return refuse('Invalid JSON', 'The body is no JSON object.', 'body');
  const ttl = minutesIn(body.ttl);
  if (ttl === undefined) return refuse('Invalid ttl', 'Expected a whole number of minutes.', 'ttl');
  const { permissions } = body;
  if (!isRecord(permissions)) return refuse('Invalid permissions', 'Expected an object.', 'permissions');
  const resources = readTable(permissions.resources, 'permissions.resources');
  if (!resources.ok) return resources;
  const patterns = readTable(permissions.patterns, 'permissions.patterns');
  if (!patterns.ok) return patterns;
  const meta = permissions.meta ?? {};
  if (!isRecord(meta)) return refuse('Invalid meta', 'Expected an object of scalars.', 'permissions.meta');
  const user = permissions.uuid ?? undefined;
  if (user !== undefined && typeof user !== 'string')
    return refuse('Invalid uuid', 'Expected text.', 'permissions.uuid');
  return {
    ok: true,
    spec: {
      ttl,
      ...(user !== undefined && { authorizedUser: user }),
      resources: resources.table,
      patterns: patterns.table,
      meta: meta as JsonObject,
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Some clients send it as text. What is no number at all is `undefined`; its range is checked later. */
function minutesIn(ttl: unknown): number | undefined {
  if (typeof ttl === 'number') return ttl;
  return typeof ttl === 'string' && /^-?\d{1,15}$/.test(ttl) ? Number(ttl) : undefined;
}

type TableRead = { readonly ok: true; readonly table: Table } | (GrantRead & { readonly ok: false });

function readTable(given: unknown, at: string): TableRead {
  const table = given ?? {};
  if (!isRecord(table)) return refuse('Invalid permissions', 'Expected an object.', at);
  const known = new Set<string>([...GRANT_SECTIONS, ...Object.values(ALSO)]);
  const stray = Object.keys(table).find((name) => !known.has(name));
  if (stray !== undefined) return refuse('Invalid permissions', `Unexpected key: \`${stray}\`.`, at);
  const read = new Map<GrantSection, GrantEntries>();
  for (const section of GRANT_SECTIONS) {
    const entries = new Map<string, number>();
    for (const name of [section, ALSO[section]]) {
      if (name === undefined) continue;
      const complaint = readEntries(table[name] ?? {}, `${at}.${name}`, entries);
      if (complaint !== undefined) return complaint;
    }
    read.set(section, entries);
  }
  const of = (section: GrantSection): GrantEntries => read.get(section) ?? new Map();
  return { ok: true, table: { channels: of('channels'), groups: of('groups'), uuids: of('uuids') } };
}

/** Adds to `entries`; a resource that is granted under two names is granted the same. */
function readEntries(given: unknown, at: string, entries: Map<string, number>) {
  if (!isRecord(given)) return refuse('Invalid permissions', 'Expected an object of names and masks.', at);
  for (const [name, mask] of Object.entries(given)) {
    if (typeof mask !== 'number') {
      return refuse(
        'Invalid permissions',
        `Unexpected value: \`${at}.${name}\` must be positive and non-zero.`,
        `${at}.${name}`,
      );
    }
    const before = entries.get(name);
    if (before !== undefined && before !== mask) {
      return refuse('Invalid permissions', `\`${at}.${name}\` is granted twice, and not the same.`, `${at}.${name}`);
    }
    entries.set(name, mask);
  }
  return undefined;
}

const refuse = (message: string, detail: string, location: string) => ({
  ok: false as const,
  complaint: { message, detail, location },
});

function isRecord(value: unknown): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
