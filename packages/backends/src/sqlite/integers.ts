/** SQLite's largest integer. */
export const MAX_INTEGER = 2n ** 63n - 1n;

/** A number that a stranger may have chosen, within what SQLite can compare. */
export function clamped(value: bigint): bigint {
  if (value < -1n) return -1n;
  return value < MAX_INTEGER ? value : MAX_INTEGER;
}

/** How many rows at most; `LIMIT` takes negative numbers for none. */
export function atMost(limit: number): number {
  return Math.trunc(Math.max(0, Math.min(limit, Number.MAX_SAFE_INTEGER)));
}
