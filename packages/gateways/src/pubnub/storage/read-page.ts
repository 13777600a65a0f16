import type { Publication, RangeBounds, Store } from '@portcullis/engine';
import { oldestInReach, type Reach, within } from './reach.ts';

export interface PageRead extends Reach {
  readonly bounds: RangeBounds;
  readonly from: 'newest' | 'oldest';
  readonly max: number;
  /** Payloads of one page together; the first item always goes in. */
  readonly maxBytes: number;
  /** Whether the reader may see it, as things stand. */
  readonly sees: (publication: Publication) => boolean;
}

export interface Page {
  /** Oldest first. */
  readonly items: readonly Publication[];
  /** There is at least one more that the reader may see, further on in the direction of reading. */
  readonly more: boolean;
}

/** The next items of a channel that the reader may see. What it may not see takes no place on the page. */
export async function readPage(store: Store, read: PageRead): Promise<Page> {
  const { app, channel, now, from, max, sees } = read;
  const found: Publication[] = [];
  let bounds = await inReach(store, read);
  let left = read.history;
  for (;;) {
    const limit = Math.min(max + 1, left);
    const items = limit > 0 ? await store.range({ app, channel, now, from, limit, ...bounds }) : [];
    const next = from === 'newest' ? items.toReversed() : items;
    found.push(...next.filter(sees));
    const last = next.at(-1);
    if (found.length > max || last === undefined || items.length < limit) break;
    left -= items.length;
    bounds = beyond(bounds, from, last.timetoken);
  }
  const page = cut(found, max, read.maxBytes);
  return { items: from === 'newest' ? page.toReversed() : page, more: page.length < found.length };
}

/** Walking back from the newest item, counting suffices; from anywhere else, the oldest in reach has to be known. */
async function inReach(store: Store, { bounds, from, ...reach }: PageRead): Promise<RangeBounds> {
  const fromTheTop = from === 'newest' && bounds.olderThan === undefined && bounds.notNewerThan === undefined;
  return fromTheTop ? bounds : within(bounds, await oldestInReach(store, reach));
}

function beyond(bounds: RangeBounds, from: 'newest' | 'oldest', timetoken: bigint): RangeBounds {
  if (from === 'oldest') return { ...bounds, newerThan: timetoken };
  const { notNewerThan: _, ...rest } = bounds;
  return { ...rest, olderThan: timetoken };
}

function cut(items: readonly Publication[], max: number, maxBytes: number): readonly Publication[] {
  let bytes = 0;
  const end = items.findIndex(({ data, meta = '' }, index) => {
    bytes += Buffer.byteLength(data) + Buffer.byteLength(meta);
    return index > 0 && bytes > maxBytes;
  });
  return items.slice(0, end < 0 ? max : Math.min(end, max));
}
