import type { Revocation } from '../standing.ts';

/**
 * The latest second, since 1970, before which what is issued to the user counts as revoked: new tokens are dated after
 * it. -1 when there is none.
 */
export function issuedAfter(revocations: readonly Revocation[], user?: string): number {
  let latest = -1;
  for (const revocation of revocations) {
    const concerns =
      revocation.type === 'issued-before' ||
      ((revocation.type === 'user' || revocation.type === 'user-channel') &&
        (user === undefined || revocation.user === user));
    if (concerns) latest = Math.max(latest, revocation.issuedBefore);
  }
  return latest;
}
