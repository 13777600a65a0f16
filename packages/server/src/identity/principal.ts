import {
  ANONYMOUS,
  type Anonymous,
  type Credential,
  credentialOf,
  type Grant,
  type Stated,
  type User,
} from '@portcullis/policy';
import { type Identified, type Proofs, refused } from './identified.ts';
import type { VerifiedToken } from './verified-tokens.ts';

const MISMATCH = refused('identity.user-mismatch', 'the user id that is stated is not the one that the token proves');

/** Who asks without a token: nobody known, or somebody who states an id and proves nothing. */
export function withoutToken(stated: string | undefined): Identified {
  const principal: Anonymous | Stated =
    stated === undefined ? ANONYMOUS : { kind: 'stated', user: stated, credentials: [] };
  return { ok: true, principal };
}

/**
 * Who asks with a permission token. One that is bound to a user proves that user: its holder either states the same id,
 * or came by a door whose wire has no place for one (Xano, native), where holding the token is all that can be shown and
 * stating an id would add nothing. Where there is a place, leaving it empty is not taken for agreement.
 */
export function byGrant(grant: Grant, { statedUser, statesUser = false }: Proofs): Identified {
  const carried = { credentials: [credentialOf(grant)], grant };
  const { authorizedUser } = grant;
  if (authorizedUser !== undefined) {
    const stated = statedUser ?? (statesUser ? undefined : authorizedUser);
    if (stated !== authorizedUser) return MISMATCH;
    // The grant names no table or row: the defaults of a JWT that names none.
    const user: User = { kind: 'user', user: authorizedUser, table: 1, row: authorizedUser, extras: {}, ...carried };
    return { ok: true, principal: user };
  }
  const principal: Anonymous | Stated =
    statedUser === undefined ? { kind: 'anonymous', ...carried } : { kind: 'stated', user: statedUser, ...carried };
  return { ok: true, principal };
}

/** Who asks with a JWT or JWE that holds until `expiresAt`, and with the permission token inside it. */
export function byClaims(
  token: VerifiedToken,
  { statedUser }: Proofs,
  { expiresAt, grant }: { readonly expiresAt: number; readonly grant?: Grant },
): Identified {
  const { user, table, row, extras } = token.claims;
  if (statedUser !== undefined && statedUser !== user) return MISMATCH;
  if (grant && grant.authorizedUser !== user) {
    return refused('identity.user-mismatch', 'the permission token that it carries is not bound to its user');
  }
  const own = credentialOfToken(token, expiresAt);
  const proven = { kind: 'user', user, table, row, extras } as const;
  const principal: User = grant
    ? { ...proven, credentials: [own, credentialOf(grant)], grant }
    : { ...proven, credentials: [own] };
  return { ok: true, principal };
}

/** `expiresAt`: ms since 1970. */
export function credentialOfToken({ id, keys, claims }: VerifiedToken, expiresAt: number): Credential {
  const { jti, issuedAt } = claims;
  return { type: 'jwt', id, key: keys[0].id, ...(jti === undefined ? {} : { jti }), issuedAt, expiresAt };
}
