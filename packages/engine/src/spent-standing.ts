import type { Change, StoredApp } from './ports/store.ts';

/** So many go with one commit; what is left goes with the next. */
const MOST = 1_000;

export interface Spent {
  /** What takes the spent entries out of the store. */
  readonly changes: readonly Change[];
  /** The app without them. */
  readonly rest: StoredApp;
}

/**
 * Bans and holds that have ended, and revocations of what has expired by itself. They refuse nobody any more; each
 * commit takes some of them along, so that store and policy hold only what is in force.
 */
export function spentStanding(stored: StoredApp, now: number): Spent {
  const bans = stored.bans.filter(({ until }) => until !== undefined && until <= now).slice(0, MOST);
  const revocations = stored.revocations.filter(({ keepUntil }) => keepUntil <= now).slice(0, MOST - bans.length);
  const changes: Change[] = [
    ...bans.map(({ id }) => ({ type: 'ban.delete', id }) as const),
    ...revocations.map(({ id }) => ({ type: 'revocation.delete', id }) as const),
  ];
  const rest = { ...stored, bans: except(stored.bans, bans), revocations: except(stored.revocations, revocations) };
  return { changes, rest };
}

/** The same list when nothing goes. */
function except<T>(items: readonly T[], gone: readonly T[]): readonly T[] {
  if (gone.length === 0) return items;
  const left = new Set(gone);
  return items.filter((item) => !left.has(item));
}
