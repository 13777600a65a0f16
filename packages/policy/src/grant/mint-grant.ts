import type { Json, JsonObject } from '../principal.ts';
import { encodeBase64url } from './base64url.ts';
import { checkGrant } from './check-grant.ts';
import { encodeGrant, type GrantContent, SIGNATURE_BYTES } from './encode-grant.ts';
import { GRANT_SECTIONS, type GrantEntries, type GrantSection, type GrantTable } from './grant.ts';
import { GRANT_LIMITS } from './grant-limits.ts';
import { likelyGlob, likelyPattern } from './likely-glob.ts';
import { sign, tokenId } from './signature.ts';
import type { GrantProblem, GrantSpec, MintContext, MintOutcome } from './token.ts';

/** Characters of the nonce: 96 bits in base64url. */
const NONCE_LENGTH = 16;

/**
 * Mints a permission token, which needs nothing but the secret. What is not well-formed comes back as problems that
 * name the field, the pattern and the position; what is well-formed and probably not meant, as warnings.
 */
export function mintGrant(spec: GrantSpec, context: MintContext): MintOutcome {
  if (context.nonce.length < NONCE_LENGTH) throw new RangeError(`a nonce has at least ${NONCE_LENGTH} characters`);
  const problems = checkGrant(spec);
  if (problems.length > 0) return { ok: false, problems };
  const bytes = encodeGrant(contentOf(spec, context), new Uint8Array(SIGNATURE_BYTES));
  const signed = bytes.length - SIGNATURE_BYTES;
  bytes.set(sign(bytes.subarray(0, signed), context.app, context.secret), signed);
  const token = encodeBase64url(bytes, true);
  if (token.length > GRANT_LIMITS.tokenLength) {
    const message = `The token would have more than ${GRANT_LIMITS.tokenLength} characters (grant.tokenLength).`;
    return { ok: false, problems: [{ at: 'permissions', message }] };
  }
  return { ok: true, token, id: tokenId(bytes), warnings: warningsOf(spec) };
}

function contentOf(spec: GrantSpec, { now, nonce, issuedAfter }: MintContext): GrantContent {
  return {
    issuedAt: Math.max(Math.floor(now / 1000), (issuedAfter ?? -1) + 1),
    ttl: spec.ttl,
    ...(spec.authorizedUser === undefined ? {} : { authorizedUser: spec.authorizedUser }),
    resources: tableOf(spec.resources),
    patterns: tableOf(spec.patterns),
    meta: withoutNegativeZero(spec.meta ?? {}),
    nonce,
  };
}

function tableOf(spec: GrantSpec['resources']): GrantTable {
  const section = (name: GrantSection): GrantEntries => spec?.[name] ?? new Map();
  return { channels: section('channels'), groups: section('groups'), uuids: section('uuids') };
}

/** JSON has one zero. */
function withoutNegativeZero(meta: JsonObject): JsonObject {
  const entries: [string, Json][] = Object.entries(meta).map(([key, value]) => [key, value === 0 ? 0 : value]);
  return Object.fromEntries(entries);
}

function warningsOf(spec: GrantSpec): readonly GrantProblem[] {
  const warnings: GrantProblem[] = [];
  for (const section of GRANT_SECTIONS) {
    for (const name of spec.resources?.[section]?.keys() ?? []) {
      const starred = likelyPattern(name);
      if (starred !== undefined) warnings.push({ at: `resources.${section}`, pattern: name, ...starred });
    }
    for (const pattern of spec.patterns?.[section]?.keys() ?? []) {
      const glob = likelyGlob(pattern);
      if (glob !== undefined) warnings.push({ at: `patterns.${section}`, pattern, ...glob });
    }
  }
  return warnings;
}
