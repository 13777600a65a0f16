import { readClaims } from './claims.ts';
import { decrypt } from './decrypt.ts';
import { KEYS_UNAVAILABLE, type NotIdentified, refused } from './identified.ts';
import type { IdentityLimits, KeyScope } from './key-config.ts';
import type { Keyring } from './keyring.ts';
import { formOf, headerOf, parseJsonObject } from './token-form.ts';
import { encryptedTokenId, signedTokenId } from './token-id.ts';
import type { VerifiedToken } from './verified-tokens.ts';
import { type VerifiedSignature, verifySigned } from './verify-signed.ts';

export type Verified = { readonly ok: true; readonly token: VerifiedToken } | NotIdentified;

interface Context {
  readonly keys: Keyring;
  readonly limits: IdentityLimits;
}

const malformed = (reason: string) => refused('identity.malformed', reason);
const NOT_OURS = refused(
  'identity.bad-signature',
  'no key of this app verifies it with the algorithm set for that key',
);

/**
 * Verifies a compact JWS. The header chooses among the keys at hand and nothing more: `jku`, `x5u`, `jwk` and `x5c` are
 * not read, and until a key has verified it no claim is.
 */
export async function verifySignedToken(token: string, context: Context): Promise<Verified> {
  const header = readHeader(token);
  if (!header) return malformed('its header is not one that can be understood');
  const { alg, kid } = header;
  const atHand = await verifySigned(token, context.keys.signing(alg, kid));
  if (atHand.length > 0) return firstMeantForUs(token, atHand, context);
  const { keys, unavailable } = await context.keys.fetched(alg, kid);
  const fetched = await verifySigned(token, keys);
  if (fetched.length > 0) return firstMeantForUs(token, fetched, context);
  return unavailable ? KEYS_UNAVAILABLE : NOT_OURS;
}

/**
 * Opens a compact JWE. Claims right inside are vouched for by the holder of a symmetric key; whatever came under a
 * public key has to be a signed JWT.
 */
export async function verifyEncryptedToken(token: string, context: Context): Promise<Verified> {
  const header = readHeader(token);
  if (!header) return malformed('its header is not one that can be understood');
  const keys = context.keys.unwrapping(header.alg, header.enc, header.kid);
  const opened = await decrypt(token, keys, context.limits.token);
  if (opened.type === 'malformed') {
    return malformed(`it is damaged, or unpacks to more than limits.token (${context.limits.token} bytes)`);
  }
  if (opened.type === 'not-ours') return NOT_OURS;
  const { key, plaintext } = opened;
  const payload = parseJsonObject(plaintext);
  if (payload && key.scope) {
    const claims = claimsOf(payload, key.scope, context);
    return claims.ok ? genuine({ id: encryptedTokenId(token), keys: [key], claims: claims.value }) : claims;
  }
  if (payload) return refused('identity.bad-signature', 'what it encrypts to a public key is not signed');
  const inner = Buffer.from(plaintext).toString('latin1');
  if (formOf(inner) !== 'signed') return malformed('it holds neither claims nor a signed JWT');
  const verified = await verifySignedToken(inner, context);
  if (!verified.ok) return verified;
  const [signer, ...others] = verified.token.keys;
  return genuine({ ...verified.token, keys: [signer, ...others, key] });
}

/** Entries may share a key and differ in issuer or audience: the first whose claims are in order stands. */
function firstMeantForUs(token: string, signatures: readonly VerifiedSignature[], context: Context): Verified {
  let refusal: NotIdentified = NOT_OURS;
  for (const { key, payload } of signatures) {
    const claims = claimsOf(parseJsonObject(payload), key.scope, context);
    if (claims.ok) return genuine({ id: signedTokenId(token), keys: [key], claims: claims.value });
    refusal = claims;
  }
  return refusal;
}

function claimsOf(payload: Record<string, unknown> | undefined, scope: KeyScope, { keys, limits }: Context) {
  if (!payload) return malformed('its claims are not a JSON object');
  return readClaims(new Map(Object.entries(payload)), { scope, limits, namespaces: keys.namespaces });
}

function genuine(token: VerifiedToken): Verified {
  return { ok: true, token };
}

/** `crit` names extensions that must be understood (RFC 7515 §4.1.11). There is none that we do. */
function readHeader(token: string): { alg: unknown; enc: unknown; kid: string | undefined } | undefined {
  const header = headerOf(token);
  const kid = header?.get('kid');
  if (!header || header.has('crit') || (kid !== undefined && typeof kid !== 'string')) return undefined;
  return { alg: header.get('alg'), enc: header.get('enc'), kid };
}
