import { type JsonObject, parseGrant } from '@portcullis/policy';
import { SignJWT } from 'jose';
import { readClaims } from './claims.ts';
import { type ProofRefused, refused } from './identified.ts';
import type { IdentityConfig, SecretKeyConfig } from './key-config.ts';
import { readKey } from './read-key.ts';

/** A realtime token to be minted for one user. */
export interface UserTokenSpec {
  readonly user: string;
  readonly table?: number | string;
  readonly row?: number | string;
  /** Shown to everyone who sees the user's presence or messages. */
  readonly extras?: JsonObject;
  /** Seconds. */
  readonly ttl: number;
  /** A permission token to carry along, bound to this user. */
  readonly grant?: string;
}

export interface MintTokenContext {
  /** ms since 1970. */
  readonly now: number;
  /** Unique: what a revocation by JWT id names. */
  readonly jti: string;
  /**
   * Seconds: the latest "issued before" of a revocation that covers the user (policy's `issuedAfter`). The token is dated after it, or it would
   * be born revoked.
   */
  readonly issuedAfter?: number;
}

export type MintedToken =
  | {
      readonly ok: true;
      readonly token: string;
      readonly jti: string;
      /** Id of the key it is signed with. */
      readonly key: string;
      /** ms since 1970. */
      readonly expiresAt: number;
    }
  | ProofRefused;

const invalid = (reason: string) => refused('request.malformed', reason);

/**
 * Mints a realtime JWT with the app's first shared secret (HS256) that may speak for the user. What it answers is a
 * token that the app's `Identifier` accepts.
 */
export async function mintUserToken(
  spec: UserTokenSpec,
  config: Pick<IdentityConfig, 'keys' | 'limits'>,
  { now, jti, issuedAfter = -1 }: MintTokenContext,
): Promise<MintedToken> {
  const secrets = config.keys.filter((key) => key.kind === 'secret');
  if (secrets.length === 0) return invalid('the app has no shared secret (identity.jwt with alg: HS256) to mint with');
  if (!Number.isFinite(spec.ttl) || spec.ttl <= 0) return invalid('"ttl" has to be a time above 0');
  const refusedGrant = unfitGrant(spec);
  if (refusedGrant) return refusedGrant;
  const issuedAt = Math.max(Math.floor(now / 1000), issuedAfter + 1);
  const namespaces = new Set(config.keys.flatMap((key) => ('users' in key && key.users ? [key.users] : [])));
  let refusal = invalid('no shared secret of the app speaks for that user');
  for (const secret of secrets) {
    const claims = claimsFor(spec, secret, { issuedAt, jti });
    const read =
      claims && readClaims(new Map(Object.entries(claims)), { scope: secret, limits: config.limits, namespaces });
    if (claims && read?.ok && read.value.user === spec.user) {
      return { ok: true, token: await sign(claims, secret), jti, key: secret.id, expiresAt: read.value.expiresAt };
    }
    if (read && !read.ok && read.code !== 'identity.user-mismatch') refusal = read;
  }
  return refusal;
}

function claimsFor(
  spec: UserTokenSpec,
  { users, issuer, audience }: SecretKeyConfig,
  dated: { issuedAt: number; jti: string },
) {
  const prefix = users === undefined ? '' : `${users}:`;
  if (!spec.user.startsWith(prefix)) return undefined;
  const table =
    typeof spec.table === 'string' && spec.table.startsWith(prefix) ? spec.table.slice(prefix.length) : spec.table;
  const { row, extras, grant, ttl } = spec;
  return {
    sub: spec.user.slice(prefix.length),
    ...(table === undefined ? {} : { dbo_id: table }),
    ...(row === undefined ? {} : { row_id: row }),
    ...(extras === undefined ? {} : { extras }),
    ...(grant === undefined ? {} : { grant }),
    ...(issuer === undefined ? {} : { iss: issuer }),
    ...(audience === undefined ? {} : { aud: audience.length === 1 ? audience[0] : [...audience] }),
    jti: dated.jti,
    iat: dated.issuedAt,
    exp: dated.issuedAt + Math.ceil(ttl),
  };
}

function unfitGrant({ grant, user }: UserTokenSpec): ProofRefused | undefined {
  if (grant === undefined) return undefined;
  const parsed = parseGrant(grant);
  if (!parsed.ok) return invalid('"grant" is no permission token');
  return parsed.grant.authorizedUser === user
    ? undefined
    : refused('identity.user-mismatch', '"grant" is not bound to the user the token is for');
}

function sign(claims: Record<string, unknown>, config: SecretKeyConfig): Promise<string> {
  const header = { alg: config.alg, typ: 'JWT', ...(config.kid === undefined ? {} : { kid: config.kid }) };
  return new SignJWT(claims).setProtectedHeader(header).sign(readKey(config).key);
}
