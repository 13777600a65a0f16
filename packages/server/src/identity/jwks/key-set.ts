import { createPublicKey, type JsonWebKey } from 'node:crypto';
import type { JwksKeyConfig } from '../key-config.ts';
import { scopeOf, unfit } from '../read-key.ts';
import { isJsonObject, parseJsonObject } from '../token-form.ts';
import { digest } from '../token-id.ts';
import type { SigningKey } from '../trusted-key.ts';

const LONGEST_KID = 255;

/**
 * The keys of a JWK Set (RFC 7517 §5) that fit the entry's algorithm; `undefined` when the document is none. Keys for
 * other algorithms or uses, and whatever is not a fit public key, are passed over, as the RFC asks.
 *
 * A key's id is `<entry>/<fingerprint>`: a key that is replaced under the same `kid` is another key.
 */
export function readKeySet(document: Uint8Array, entry: JwksKeyConfig): readonly SigningKey[] | undefined {
  const keys = parseJsonObject(document)?.keys;
  if (!Array.isArray(keys) || !keys.every(isJsonObject)) return undefined;
  return keys.flatMap((jwk) => readPublicJwk(jwk, entry) ?? []);
}

function readPublicJwk(jwk: Record<string, unknown>, entry: JwksKeyConfig): SigningKey | undefined {
  const { kid, alg = entry.alg, use = 'sig', key_ops: operations = ['verify'] } = jwk;
  if (alg !== entry.alg || use !== 'sig' || !Array.isArray(operations) || !operations.includes('verify')) return;
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > LONGEST_KID)) return;
  if (entry.kid !== undefined && kid !== entry.kid) return;
  const key = importPublic(jwk);
  if (!key || unfit(key, entry.alg)) return;
  const fingerprint = digest(key.export({ type: 'spki', format: 'der' })).slice(0, 22);
  return {
    type: 'signing',
    id: `${entry.id}/${fingerprint}`,
    alg: entry.alg,
    key,
    ...(kid === undefined ? {} : { kid }),
    scope: scopeOf(entry),
  };
}

function importPublic({ kty, n, e, crv, x, y }: JsonWebKey) {
  try {
    // Only the public members: a set that was published with its private ones is still used as public.
    const jwk = kty === 'RSA' ? { kty, n, e } : { kty, crv, x, y };
    return createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  } catch {
    return undefined;
  }
}
