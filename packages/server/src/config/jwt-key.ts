import { ASYMMETRIC_JWE, type IdentityKeyConfig, SYMMETRIC_JWE } from '../identity/key-config.ts';
import { fingerprint } from './fingerprint.ts';
import type { JwtInput } from './schema/root.ts';

/** Keys with ids of their own where the operator gave none. That each has what its algorithm needs has been checked. */
export function resolveJwt({
  alg,
  enc = 'A256CBC-HS512',
  secret,
  encoding,
  pem,
  jwks,
  ...common
}: JwtInput): IdentityKeyConfig {
  const { users, issuer, audience, kid } = common;
  const id = common.id ?? `jwt-${fingerprint(JSON.stringify([alg, secret ?? pem ?? jwks, users ?? '']))}`;
  const shared = secret === undefined ? undefined : { secret, ...(encoding === undefined ? {} : { encoding }) };
  if (alg === 'HS256' && shared !== undefined) return { ...common, ...shared, id, kind: 'secret', alg };
  if (isOneOf(SYMMETRIC_JWE, alg) && shared !== undefined) return { ...common, ...shared, id, kind: 'jwe', alg, enc };
  if (isOneOf(ASYMMETRIC_JWE, alg) && pem !== undefined) {
    return { id, kind: 'jwe-private', alg, enc, pem, ...(kid === undefined ? {} : { kid }) };
  }
  if ((alg === 'RS256' || alg === 'ES256') && pem !== undefined) return { ...common, id, kind: 'pem', alg, pem };
  if ((alg === 'RS256' || alg === 'ES256') && jwks !== undefined && issuer !== undefined && audience !== undefined) {
    return { ...common, id, kind: 'jwks', alg, jwks, issuer, audience };
  }
  throw new Error('a JWT key passed the checks without what its algorithm needs');
}

function isOneOf<const W extends string>(words: readonly W[], word: string): word is W {
  return words.some((candidate) => candidate === word);
}
