import { createHash } from 'node:crypto';

/**
 * The id of a signed JWT: SHA-256, base64url, of what its signature covers (`header.payload`). The signature is left
 * out because ECDSA lets anybody make a second valid one from the first, which would be a way past a revocation.
 */
export function signedTokenId(token: string): string {
  return digest(token.slice(0, token.lastIndexOf('.')));
}

/** The id of a JWE that carries claims itself: of all of it, every bit of which is authenticated. */
export function encryptedTokenId(token: string): string {
  return digest(token);
}

export function digest(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('base64url');
}
