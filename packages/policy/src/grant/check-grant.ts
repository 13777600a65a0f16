import { utf8Length } from '../name.ts';
import type { Json } from '../principal.ts';
import { NONCE_KEY } from './encode-grant.ts';
import { BIT, GRANT_SECTIONS, type GrantEntries, type GrantSection, type Permission } from './grant.ts';
import { GRANT_LIMITS } from './grant-limits.ts';
import { checkPattern } from './pattern.ts';
import type { GrantProblem, GrantSpec } from './token.ts';

/** The permissions that mean something on each kind of resource. */
export const PERMISSIONS: { readonly [section in GrantSection]: readonly Permission[] } = {
  channels: ['read', 'write', 'manage', 'delete', 'get', 'update', 'join'],
  groups: ['read', 'manage'],
  uuids: ['get', 'update', 'delete'],
};

/** The sum of the permissions that mean something on a kind of resource. */
export const ALL_BITS: { readonly [section in GrantSection]: number } = {
  channels: sum(PERMISSIONS.channels),
  groups: sum(PERMISSIONS.groups),
  uuids: sum(PERMISSIONS.uuids),
};

/** All that is wrong with a grant that is asked for. Empty: it may be minted. */
export function checkGrant(spec: GrantSpec): readonly GrantProblem[] {
  return [
    ...checkTtl(spec.ttl),
    ...checkUser(spec.authorizedUser),
    ...checkTables(spec),
    ...checkMeta(spec.meta ?? {}),
  ];
}

function checkTtl(ttl: number): readonly GrantProblem[] {
  if (Number.isSafeInteger(ttl) && ttl >= 1 && ttl <= GRANT_LIMITS.ttl) return [];
  return [{ at: 'ttl', message: `Range should be 1 to ${GRANT_LIMITS.ttl} minute(s).` }];
}

function checkUser(user: string | undefined): readonly GrantProblem[] {
  if (user === undefined || (user !== '' && isWellFormed(user) && utf8Length(user) <= GRANT_LIMITS.nameBytes))
    return [];
  return [
    {
      at: 'authorizedUser',
      message: `A user id has 1 to ${GRANT_LIMITS.nameBytes} bytes of well-formed text and does not begin with U+FEFF.`,
    },
  ];
}

function checkTables(spec: GrantSpec): readonly GrantProblem[] {
  const problems: GrantProblem[] = [];
  let entries = 0;
  let patterns = 0;
  for (const table of ['resources', 'patterns'] as const) {
    for (const section of GRANT_SECTIONS) {
      const named = spec[table]?.[section] ?? new Map();
      entries += named.size;
      if (table === 'patterns') patterns += named.size;
      problems.push(...checkEntries(named, table, section));
    }
  }
  if (entries === 0)
    problems.push({ at: 'permissions', message: 'This grant contains no permissions. What are you granting?' });
  if (patterns > GRANT_LIMITS.patterns) {
    problems.push({
      at: 'patterns',
      message: `A grant has at most ${GRANT_LIMITS.patterns} patterns (grant.patterns).`,
    });
  }
  return problems;
}

function* checkEntries(
  entries: GrantEntries,
  table: 'resources' | 'patterns',
  section: GrantSection,
): Generator<GrantProblem> {
  const at = `${table}.${section}`;
  for (const [name, mask] of entries) {
    if (!Number.isSafeInteger(mask) || mask <= 0) {
      yield {
        at,
        pattern: name,
        message: `Unexpected value: \`permissions.${at}.${name}\` must be positive and non-zero.`,
      };
    } else if ((mask | ALL_BITS[section]) !== ALL_BITS[section]) {
      yield {
        at,
        pattern: name,
        message: `On ${section} there are only the permissions ${PERMISSIONS[section].join(', ')}.`,
      };
    }
    const problem = table === 'patterns' ? checkPattern(name) : checkName(name);
    if (!problem.ok) yield { at, pattern: name, position: problem.position, message: problem.message };
  }
}

function checkName(name: string): { ok: true } | { ok: false; position: number; message: string } {
  if (name !== '' && isWellFormed(name) && utf8Length(name) <= GRANT_LIMITS.nameBytes) return { ok: true };
  return {
    ok: false,
    position: 0,
    message: `A name has 1 to ${GRANT_LIMITS.nameBytes} bytes of well-formed text and does not begin with U+FEFF.`,
  };
}

function* checkMeta(meta: { readonly [key: string]: Json }): Generator<GrantProblem> {
  for (const [key, value] of Object.entries(meta)) {
    const at = `meta.${key}`;
    if (key === NONCE_KEY) yield { at, message: `${NONCE_KEY} is reserved.` };
    else if (!isWellFormed(key))
      yield { at, message: 'A key of meta is well-formed text and does not begin with U+FEFF.' };
    else if (typeof value === 'object' && value !== null) yield { at, message: 'Values of meta are scalars.' };
    else if (typeof value === 'string' && !isWellFormed(value))
      yield { at, message: 'Text in meta is well-formed and does not begin with U+FEFF.' };
    else if (typeof value === 'number' && !Number.isFinite(value)) yield { at, message: 'Numbers in meta are finite.' };
  }
}

/**
 * Well-formed, and read again as it was written: what reads UTF-8, the vendor's SDKs among them, takes U+FEFF at the
 * beginning for a byte order mark and leaves it out, so a token that had it would never be accepted.
 */
const isWellFormed = (text: string): boolean => !/\p{Cs}/u.test(text) && !text.startsWith('\ufeff');

function sum(permissions: readonly Permission[]): number {
  return permissions.reduce((mask, permission) => mask | BIT[permission], 0);
}
