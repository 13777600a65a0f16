import { compactVerify, errors } from 'jose';
import type { SigningKey } from './trusted-key.ts';

export interface VerifiedSignature {
  readonly key: SigningKey;
  readonly payload: Uint8Array;
}

/**
 * The keys that verify a compact JWS, each tried with its one algorithm: usually one, several when entries share a key
 * and differ in what they vouch for.
 */
export async function verifySigned(token: string, keys: readonly SigningKey[]): Promise<readonly VerifiedSignature[]> {
  const verified: VerifiedSignature[] = [];
  for (const key of keys) {
    const payload = await verifyWith(key, token);
    if (payload) verified.push({ key, payload });
  }
  return verified;
}

async function verifyWith({ key, alg }: SigningKey, token: string): Promise<Uint8Array | undefined> {
  try {
    return (await compactVerify(token, key, { algorithms: [alg] })).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
