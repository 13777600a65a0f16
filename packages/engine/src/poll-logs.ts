import type { App } from './app.ts';
import type { Core } from './core.ts';
import type { Timetoken } from './publication.ts';
import type { Arrival } from './replay-window.ts';

/** From where to where a reader has to be caught up from what was kept before this process. */
export interface Gap {
  /** Exclusive. */
  readonly from: Timetoken;
  /** Exclusive: what came later is in the replay window. */
  readonly to: Timetoken;
}

/**
 * What the channels kept in a gap, oldest first, at most `limit` of each: for a reader whose cursor is older than this
 * process. Channels that keep no history have nothing to give; what was published there meanwhile is gone. Rejects with the
 * store's error.
 */
export async function readGap(
  core: Core,
  app: App,
  channels: Iterable<string>,
  gap: Gap,
  limit: number,
): Promise<ReadonlyMap<string, readonly Arrival[]>> {
  const now = core.clock.now();
  const reads = [...new Set(channels)].map(async (channel): Promise<[string, readonly Arrival[]]> => {
    const bounds = { newerThan: gap.from, olderThan: gap.to } as const;
    const kept = await core.store.range({ app: app.id, channel, limit, from: 'oldest', now, ...bounds });
    return [channel, kept.map((publication) => ({ publication, stamp: publication.timetoken, at: now }))];
  });
  return new Map(await Promise.all(reads));
}

/** How far everything has been read: short of the gap's end where a channel may have kept more; `null` when all was read. */
export function boundOf(read: ReadonlyMap<string, readonly Arrival[]>, limit: number): Timetoken | null {
  let bound: Timetoken | null = null;
  for (const arrivals of read.values()) {
    const last = arrivals.at(-1);
    if (arrivals.length >= limit && last && (bound === null || last.stamp < bound)) bound = last.stamp;
  }
  return bound;
}

/** An answer never ends between the matches of one publication: the cursor could not say where. */
export function endOfStamp(found: readonly { readonly stamp: Timetoken }[], limit: number): number {
  let end = limit;
  while (end < found.length && found[end]?.stamp === found[end - 1]?.stamp) end += 1;
  return end;
}
