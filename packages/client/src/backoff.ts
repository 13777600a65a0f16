/** Between attempts: full jitter, so that many who were lost at once do not come back at once. */
export interface Backoff {
  /** ms; the first wait is anything up to it, and each further one up to twice as long. */
  readonly base: number;
  /** ms; no wait is longer. */
  readonly max: number;
}

export const BACKOFF: Backoff = { base: 500, max: 20_000 };

/** A server that asks all its clients to come back meets them over at least so many ms. */
const SPREAD = 2_000;

/** @param attempt how many failed before, from 0 */
export function waitBefore(attempt: number, { base, max }: Backoff, everyone: boolean, random: () => number): number {
  const longest = Math.min(max, base * 2 ** Math.min(attempt, 30));
  return random() * Math.min(max, everyone ? Math.max(longest, SPREAD) : longest);
}

/** ms for a socket to open and the server to let us in; after each failure so many more, as it may be met by many. */
const PATIENCE = 15_000;
const LONGEST_PATIENCE = 60_000;

export function patienceAt(attempt: number): number {
  return Math.min(LONGEST_PATIENCE, PATIENCE * (attempt + 1));
}
