import { compactDecrypt, errors } from 'jose';
import type { UnwrappingKey } from './trusted-key.ts';

export type Decrypted =
  | { readonly type: 'opened'; readonly key: UnwrappingKey; readonly plaintext: Uint8Array }
  | { readonly type: 'not-ours' }
  | { readonly type: 'malformed' };

/** Opens a compact JWE with the first of the keys that fits. A compressed one may unpack to `limit` bytes. */
export async function decrypt(token: string, keys: readonly UnwrappingKey[], limit: number): Promise<Decrypted> {
  let malformed = false;
  for (const key of keys) {
    try {
      const { plaintext } = await compactDecrypt(token, key.key, {
        keyManagementAlgorithms: [key.alg],
        contentEncryptionAlgorithms: [key.enc],
        maxDecompressedLength: limit,
      });
      return { type: 'opened', key, plaintext };
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      malformed ||= !(error instanceof errors.JWEDecryptionFailed);
    }
  }
  return { type: malformed ? 'malformed' : 'not-ours' };
}
