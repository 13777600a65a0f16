import { decodeBase64url } from './base64url.ts';
import { decodeToken } from './decode-grant.ts';
import { NONCE_KEY } from './encode-grant.ts';
import { GRANT_LIMITS } from './grant-limits.ts';
import { tokenId } from './signature.ts';
import type { ParseOutcome } from './token.ts';

/**
 * Shows what a permission token says, with nothing verified: for people, never for a decision. As lenient as the
 * vendor's SDKs: base64 of either alphabet, with or without padding, and tokens of the vendor itself.
 */
export function parseGrant(text: string): ParseOutcome {
  if (text.length > GRANT_LIMITS.tokenLength) return { ok: false, reason: 'the token is too long' };
  const bytes = decodeBase64url(text.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_'));
  if (bytes === undefined) return { ok: false, reason: 'the token is not base64url' };
  try {
    const { meta, ...fields } = decodeToken(bytes);
    const { [NONCE_KEY]: _nonce, ...shown } = meta;
    return { ok: true, grant: { id: tokenId(bytes), ...fields, meta: shown } };
  } catch (problem) {
    return {
      ok: false,
      reason: `the token is not a v3 token: ${problem instanceof Error ? problem.message : problem}`,
    };
  }
}

/** Whether the text has the form of a permission token, and so is not a JWT: base64url of a map that begins with `v`. */
export function looksLikeGrant(text: string): boolean {
  return /^(?:qEF2|p0F2)[A-Za-z0-9_-]+={0,2}$/.test(text);
}
