import type { Revocation } from '@portcullis/policy';

/** Seconds: the latest instant before which what was issued to the user is revoked. Mints are dated after it; 0 when there is none. */
export function latestIssuedBefore(revocations: readonly Revocation[], user: string | undefined): number {
  let latest = 0;
  for (const revocation of revocations) {
    const concerns =
      revocation.type === 'issued-before' ||
      ((revocation.type === 'user' || revocation.type === 'user-channel') && revocation.user === user);
    if (concerns) latest = Math.max(latest, revocation.issuedBefore);
  }
  return latest;
}
