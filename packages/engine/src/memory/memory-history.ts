import { utf8Length } from '@portcullis/policy';
import type { LogHead } from '../ports/broker.ts';
import { assertKeepable, shelfName } from '../ports/shelf.ts';
import type { HistoryItem, HistoryQuery, KeyedItem, KeyedQuery } from '../ports/store.ts';
import type { Action } from '../ports/store-actions.ts';
import type { RangeBounds, RangeDeletion, RangeQuery } from '../ports/store-messages.ts';
import type { Publication, Timetoken } from '../publication.ts';

/** Trimming waits until so many items, or as many again as are kept, are too many: it then costs nothing per item. */
const TRIM_SLACK = 64;

/** 100 ns units in one millisecond. */
const TICKS_PER_MS = 10_000n;

/** One item, with what was added to it: both go together. */
export interface KeptItem {
  readonly publication: Publication;
  /** ms since 1970. */
  readonly expiresAt: number;
  /** In order of their own timetokens. */
  readonly actions: Action[];
}

interface ChannelHistory {
  head: LogHead;
  /** By `shelfName`; each in order of timetoken. */
  readonly shelves: Map<string, KeptItem[]>;
}

/** The shelf that everybody's items are on. */
const PUBLIC = shelfName({ of: 'channel' });

/** What channels keep, in memory. */
export class MemoryHistory {
  readonly #apps = new Map<string, Map<string, ChannelHistory>>();
  #newest: Timetoken = 0n;

  /** Greater than or equal to every timetoken ever kept, also of what was deleted. */
  get newest(): Timetoken {
    return this.#newest;
  }

  append({ publication, keep, expiresAt = Number.POSITIVE_INFINITY }: HistoryItem): void {
    const { position, shelf } = assertKeepable(publication);
    const { timetoken } = publication;
    const head = { ...position, timetoken };
    const channel = this.#open(publication, head);
    const items = channel.shelves.get(shelf) ?? [];
    insertInOrder(items, { publication: { ...publication, seq: 0 }, expiresAt, actions: [] });
    channel.shelves.set(shelf, items);
    if (timetoken > channel.head.timetoken) channel.head = head;
    if (timetoken > this.#newest) this.#newest = timetoken;
    if (items.length >= keep + Math.max(keep, TRIM_SLACK)) items.splice(0, items.length - keep);
    dropExpired(items, Number(timetoken / TICKS_PER_MS));
  }

  query(query: HistoryQuery): readonly Publication[] {
    const { before, after, maxBytes, now = Number.NEGATIVE_INFINITY, among = Number.POSITIVE_INFINITY } = query;
    const there = this.#shelf(query, shelfName(query.scope)).filter(({ expiresAt }) => expiresAt > now);
    const newest = there.slice(Math.max(0, there.length - among));
    const found: Publication[] = [];
    let bytes = 0;
    for (const { publication } of query.from === 'oldest' ? newest : newest.reverse()) {
      if (found.length >= query.limit) break;
      if (before !== undefined && publication.timetoken >= before) continue;
      if (after !== undefined && publication.timetoken <= after) continue;
      bytes += utf8Length(publication.data);
      if (found.length > 0 && maxBytes !== undefined && bytes > maxBytes) break;
      found.push(publication);
    }
    return query.from === 'oldest' ? found : found.reverse();
  }

  range({ limit, from, now, ...query }: RangeQuery): readonly Publication[] {
    const there = this.items(query.app, query.channel, now).filter((item) => isWithin(item, query));
    const most = Math.max(0, limit);
    const taken = from === 'oldest' ? there.slice(0, most) : there.slice(Math.max(0, there.length - most));
    return taken.map(({ publication }) => publication);
  }

  deleteRange(deletion: RangeDeletion): readonly Timetoken[] {
    const items = this.#shelf(deletion, PUBLIC);
    const gone = items.filter((item) => isWithin(item, deletion));
    const left = items.filter((item) => !isWithin(item, deletion));
    items.splice(0, items.length, ...left);
    return gone.map(({ publication }) => publication.timetoken);
  }

  message(app: string, channel: string, timetoken: Timetoken, now: number): Publication | null {
    const found = this.items(app, channel, now).find(({ publication }) => publication.timetoken === timetoken);
    return found?.publication ?? null;
  }

  /** The public items of a channel that have not expired, oldest first. */
  items(app: string, channel: string, now = Number.NEGATIVE_INFINITY): readonly KeptItem[] {
    return this.#shelf({ app, channel }, PUBLIC).filter(({ expiresAt }) => expiresAt > now);
  }

  keyed({ app, channel, after, limit }: KeyedQuery): readonly KeyedItem[] {
    const found: KeyedItem[] = [];
    for (const shelf of this.#apps.get(app)?.get(channel)?.shelves.values() ?? []) {
      for (const { publication } of shelf) {
        const { once, position, timetoken } = publication;
        if (once !== undefined && position && timetoken > after) found.push({ once, position, timetoken });
      }
    }
    return found.sort((a, b) => (a.timetoken < b.timetoken ? -1 : 1)).slice(-limit);
  }

  head(app: string, channel: string): LogHead | null {
    return this.#apps.get(app)?.get(channel)?.head ?? null;
  }

  channelCount(app: string): number {
    return this.#apps.get(app)?.size ?? 0;
  }

  deleteApp(app: string): void {
    this.#apps.delete(app);
  }

  #shelf({ app, channel }: { readonly app: string; readonly channel: string }, shelf: string): KeptItem[] {
    return this.#apps.get(app)?.get(channel)?.shelves.get(shelf) ?? [];
  }

  #open({ app, channel }: Publication, head: LogHead): ChannelHistory {
    const channels = this.#apps.get(app) ?? new Map<string, ChannelHistory>();
    this.#apps.set(app, channels);
    const open = channels.get(channel) ?? { head, shelves: new Map<string, KeptItem[]>() };
    channels.set(channel, open);
    return open;
  }
}

function isWithin({ publication: { timetoken } }: KeptItem, bounds: RangeBounds): boolean {
  const { newerThan, notOlderThan, olderThan, notNewerThan } = bounds;
  if (newerThan !== undefined && timetoken <= newerThan) return false;
  if (notOlderThan !== undefined && timetoken < notOlderThan) return false;
  if (olderThan !== undefined && timetoken >= olderThan) return false;
  return notNewerThan === undefined || timetoken <= notNewerThan;
}

/** Those that expire in order; one that others outlive goes when it has become the oldest. */
function dropExpired(items: KeptItem[], now: number): void {
  const first = items.findIndex(({ expiresAt }) => expiresAt > now);
  if (first !== 0) items.splice(0, first < 0 ? items.length : first);
}

/** Items come in order but for rare exceptions, so the search begins at the end. */
function insertInOrder(items: KeptItem[], item: KeptItem): void {
  const { timetoken } = item.publication;
  let place = items.length;
  for (let last = items[place - 1]; last && last.publication.timetoken >= timetoken; last = items[place - 1]) {
    if (last.publication.timetoken === timetoken) throw new Error(`Timetoken ${timetoken} is taken.`);
    place -= 1;
  }
  items.splice(place, 0, item);
}
