import {
  type HistoryItem,
  type HistoryQuery,
  type KeyedItem,
  type KeyedQuery,
  type LogHead,
  type Publication,
  type RangeDeletion,
  type RangeQuery,
  StoreFullError,
  type StoreMessages,
  type Timetoken,
  type Told,
} from '@portcullis/engine';
import {
  countChannels,
  selectHead,
  selectHistory,
  selectKeyed,
  toHead,
  toItemCommands,
  toKeyed,
  toPublication,
  trimShelf,
} from './history-sql.ts';
import { addEntries } from './outbox-sql.ts';
import { deleteItems, dropExpired, justAt, selectRange, selectTimetokens } from './range-sql.ts';
import type { StoreCalls } from './store-calls.ts';
import { TrimPlan } from './trim-plan.ts';

/** Calls that bring expired items to mind between two sweeps, and how many items one takes away: it catches up. */
const EXPIRY_SLACK = 64;
const EXPIRY_SWEEP = 1_024;

/** 100 ns units in one millisecond. */
const TICKS_PER_MS = 10_000n;

/** What channels keep. */
export class SqliteHistory implements StoreMessages {
  readonly #calls: StoreCalls;
  readonly #trims = new TrimPlan();
  #reminders = 0;

  constructor(calls: StoreCalls) {
    this.#calls = calls;
  }

  async append(item: HistoryItem, told?: Told): Promise<void> {
    const { publication, keep } = item;
    const { timetoken } = publication;
    const { channel, head, item: added, shelf } = toItemCommands(item);
    const counted = `${channel.length}:${channel}${shelf}`;
    if (this.#trims.isDue(counted, keep)) this.#calls.tidy([trimShelf(publication, shelf, keep)]);
    if (item.expiresAt !== undefined) this.#remind(Number(timetoken / TICKS_PER_MS));
    const refusal = () => new Error(`Timetoken ${timetoken} is taken in channel ${publication.channel}.`);
    const written = this.#calls.append(channel, { timetoken, command: head }, [added, ...addEntries(told)], {
      refusal,
    });
    try {
      await written;
    } catch (error) {
      // There may be room for the next one when the shelf has been trimmed.
      if (error instanceof StoreFullError) this.#trims.hasten(counted);
      throw error;
    }
  }

  async history(query: HistoryQuery): Promise<readonly Publication[]> {
    const rows = await this.#calls.read(...selectHistory(query));
    return rows.map((row) => toPublication(query, row));
  }

  async head(app: string, channel: string): Promise<LogHead | null> {
    const [row] = await this.#calls.read(...selectHead(app, channel));
    return row ? toHead(row) : null;
  }

  async keyed(query: KeyedQuery): Promise<readonly KeyedItem[]> {
    const rows = await this.#calls.read(...selectKeyed(query));
    return rows.map(toKeyed).reverse();
  }

  async keptChannels(app: string): Promise<number> {
    const [row] = await this.#calls.read(...countChannels(app));
    return Number(row?.[0] ?? 0);
  }

  async range(query: RangeQuery): Promise<readonly Publication[]> {
    this.#remind(query.now);
    const rows = await this.#calls.read(...selectRange(query));
    const items = rows.map((row) => toPublication(query, row));
    return query.from === 'newest' ? items.reverse() : items;
  }

  async deleteRange(deletion: RangeDeletion): Promise<readonly Timetoken[]> {
    const { rows } = await this.#calls.readAndWrite(selectTimetokens(deletion), deleteItems(deletion));
    return rows.map(([timetoken]) => BigInt(timetoken ?? 0));
  }

  async message(app: string, channel: string, timetoken: Timetoken, now: number): Promise<Publication | null> {
    const query = { app, channel, ...justAt(timetoken), limit: 1, from: 'newest', now } as const;
    const [row] = await this.#calls.read(...selectRange(query));
    return row ? toPublication(query, row) : null;
  }

  /** Now and then, what has expired by then goes. */
  #remind(now: number): void {
    if (this.#reminders % EXPIRY_SLACK === 0) this.#calls.tidy([dropExpired(now, EXPIRY_SWEEP)]);
    this.#reminders += 1;
  }
}
