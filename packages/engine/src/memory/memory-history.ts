import type { LogHead } from '../ports/broker.ts';
import { assertKeepable, shelfName } from '../ports/shelf.ts';
import type { HistoryItem, HistoryQuery } from '../ports/store.ts';
import type { Publication, Timetoken } from '../publication.ts';
import { utf8Length } from '../utf8-length.ts';

/** Trimming waits until so many items, or as many again as are kept, are too many: it then costs nothing per item. */
const TRIM_SLACK = 64;

interface ChannelHistory {
  head: LogHead;
  /** By `shelfName`; each in order of timetoken. */
  readonly shelves: Map<string, Publication[]>;
}

/** What channels keep, in memory. */
export class MemoryHistory {
  readonly #apps = new Map<string, Map<string, ChannelHistory>>();
  #newest: Timetoken = 0n;

  /** Greater than or equal to every timetoken ever kept, also of what was deleted. */
  get newest(): Timetoken {
    return this.#newest;
  }

  append({ publication, keep }: HistoryItem): void {
    const { position, shelf } = assertKeepable(publication);
    const { timetoken } = publication;
    const head = { ...position, timetoken };
    const channel = this.#open(publication, head);
    const items = channel.shelves.get(shelf) ?? [];
    insertInOrder(items, { ...publication, seq: 0 });
    channel.shelves.set(shelf, items);
    if (timetoken > channel.head.timetoken) channel.head = head;
    if (timetoken > this.#newest) this.#newest = timetoken;
    if (items.length >= keep + Math.max(keep, TRIM_SLACK)) items.splice(0, items.length - keep);
  }

  query({ app, channel, limit, scope, before, after, maxBytes }: HistoryQuery): readonly Publication[] {
    const items = this.#apps.get(app)?.get(channel)?.shelves.get(shelfName(scope)) ?? [];
    const found: Publication[] = [];
    let bytes = 0;
    for (const item of items.toReversed()) {
      if (found.length >= limit) break;
      if (before !== undefined && item.timetoken >= before) continue;
      if (after !== undefined && item.timetoken <= after) break;
      bytes += utf8Length(item.data);
      if (found.length > 0 && maxBytes !== undefined && bytes > maxBytes) break;
      found.push(item);
    }
    return found.reverse();
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

  #open({ app, channel }: Publication, head: LogHead): ChannelHistory {
    const channels = this.#apps.get(app) ?? new Map<string, ChannelHistory>();
    this.#apps.set(app, channels);
    const open = channels.get(channel) ?? { head, shelves: new Map<string, Publication[]>() };
    channels.set(channel, open);
    return open;
  }
}

/** Items come in order but for rare exceptions, so the search begins at the end. */
function insertInOrder(items: Publication[], item: Publication): void {
  let place = items.length;
  for (let last = items[place - 1]; last && last.timetoken >= item.timetoken; last = items[place - 1]) {
    if (last.timetoken === item.timetoken) throw new Error(`Timetoken ${item.timetoken} is taken.`);
    place -= 1;
  }
  items.splice(place, 0, item);
}
