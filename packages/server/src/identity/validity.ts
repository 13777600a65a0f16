import type { Claims } from './claims.ts';
import { type ProofRefused, refused } from './identified.ts';

/** How far the issuer's clock and ours may be apart, in ms. */
export const CLOCK_TOLERANCE = 5_000;

/**
 * Whether a token holds at `now`, and until when. A session ends at `exp` sharp; only a token that arrives within the
 * tolerance after it (from an issuer whose clock is behind) holds until the tolerance is used up.
 */
export function validityAt(
  { notBefore, expiresAt }: Pick<Claims, 'notBefore' | 'expiresAt'>,
  now: number,
): { readonly ok: true; readonly expiresAt: number } | ProofRefused {
  if (now < notBefore - CLOCK_TOLERANCE) return refused('identity.not-yet-valid', 'its "nbf" or "iat" lies ahead');
  if (now < expiresAt) return { ok: true, expiresAt };
  if (now < expiresAt + CLOCK_TOLERANCE) return { ok: true, expiresAt: expiresAt + CLOCK_TOLERANCE };
  return refused('identity.expired', 'it is past its "exp"');
}
