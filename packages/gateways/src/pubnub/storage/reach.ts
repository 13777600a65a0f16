import type { RangeBounds, Store, Timetoken } from '@portcullis/engine';

/** Items read at once while counting back: what is held of a channel meanwhile. */
const CHUNK = 100;

export interface Reach {
  readonly app: string;
  readonly channel: string;
  /** What the rule gives: the newest so many items, whoever they were for. `Infinity`: all there are. */
  readonly history: number;
  readonly now: number;
}

/**
 * The oldest timetoken among the channel's newest `history` items; 0 when it keeps no more. Stores may keep more than a
 * rule gives, for a while after it was narrowed and between two trimmings.
 */
export async function oldestInReach(store: Store, { history, ...where }: Reach): Promise<Timetoken> {
  if (history === Number.POSITIVE_INFINITY) return 0n;
  let left = history;
  let olderThan: Timetoken | undefined;
  for (;;) {
    const limit = Math.min(CHUNK, left);
    const items = await store.range({
      ...where,
      limit,
      from: 'newest',
      ...(olderThan === undefined ? {} : { olderThan }),
    });
    const [oldest] = items;
    if (oldest === undefined || items.length < limit) return 0n;
    left -= items.length;
    if (left <= 0) return oldest.timetoken;
    olderThan = oldest.timetoken;
  }
}

/** Whether an item is among the channel's newest `history`: fewer are newer. Reads no further than it has to. */
export async function isInReach(store: Store, reach: Reach, timetoken: Timetoken): Promise<boolean> {
  const { history, ...where } = reach;
  if (history === Number.POSITIVE_INFINITY) return true;
  let newer = 0;
  let newerThan = timetoken;
  while (newer < history) {
    const limit = Math.min(CHUNK, history - newer);
    const items = await store.range({ ...where, limit, from: 'oldest', newerThan });
    newer += items.length;
    const last = items.at(-1);
    if (last === undefined || items.length < limit) break;
    newerThan = last.timetoken;
  }
  return newer < history;
}

/** The bounds, and nothing older than `floor`. */
export function within(bounds: RangeBounds, floor: Timetoken): RangeBounds {
  const { notOlderThan = 0n } = bounds;
  return { ...bounds, notOlderThan: notOlderThan > floor ? notOlderThan : floor };
}
