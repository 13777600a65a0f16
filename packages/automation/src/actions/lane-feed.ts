import type { WaitingEntry } from '@portcullis/engine';
import { ChannelLine } from './channel-line.ts';

/** Entries of one action in memory, and of one line; what is beyond waits in the store. */
const WINDOW = 2_000;
const LINE_LENGTH = 64;
const PAGE = 200;
/** ms before a store that failed is asked again. */
const AGAIN = 1_000;

export interface FeedDeps {
  readonly now: () => number;
  readonly after: (ms: number, fn: () => void) => () => void;
  /** Entries past `after`, of one channel or of all. */
  readonly read: (after: number, limit: number, channel?: string) => Promise<readonly WaitingEntry[]>;
  readonly onReady: (line: ChannelLine) => void;
  readonly onReadFailed: (error: unknown) => void;
}

/**
 * Brings what waits for one action into memory, a bounded window of it. While nothing is left in the store alone, what is written comes
 * here directly. A channel that cannot go on keeps a few entries here; the others go past it.
 */
export class LaneFeed {
  readonly lines = new Map<string, ChannelLine>();
  readonly #deps: FeedDeps;
  /** One line for all channels: what is batched goes in one order. */
  readonly #oneLine: boolean;
  readonly #lineLength: number;
  #loaded = 0;
  /** All up to here is in memory, behind a line, or done. */
  #cursor = 0;
  /** The newest entry known to be written. */
  #head = 0;
  #reading = false;
  #stopped = false;

  constructor(deps: FeedDeps, batch: number | null) {
    this.#deps = deps;
    this.#oneLine = batch !== null;
    this.#lineLength = Math.max(LINE_LENGTH, batch ?? 0);
  }

  /** Begins with what is in the store. */
  start(head: number): void {
    this.#head = head;
    this.#readOn();
  }

  stop(): void {
    this.#stopped = true;
  }

  written(entry: WaitingEntry): void {
    const caughtUp = this.#cursor >= this.#head;
    this.#head = Math.max(this.#head, entry.seq);
    if (this.#reading || this.#stopped) return;
    if (entry.seq > this.#cursor) {
      if (!caughtUp || this.#loaded >= WINDOW) {
        this.#readOn();
        return;
      }
      this.#cursor = entry.seq;
    }
    this.#load(entry);
  }

  /** The line's first so many are done with. */
  taken(line: ChannelLine, count: number): void {
    line.entries.splice(0, count);
    this.#loaded -= count;
    line.since = this.#deps.now();
    line.due = line.entries[0]?.due ?? 0;
    if (line.entries.length === 0) {
      if (line.behind > 0) this.#readLine(line);
      else this.lines.delete(line.key);
    }
    if (this.#loaded < WINDOW / 2) this.#readOn();
  }

  #load(entry: WaitingEntry): void {
    const key = this.#oneLine ? '' : entry.channel;
    const line = this.lines.get(key) ?? new ChannelLine(key);
    if (line.has(entry.seq)) return;
    this.lines.set(key, line);
    if (line.behind > 0 || line.entries.length >= this.#lineLength) {
      line.behind = Math.max(line.behind, entry.seq);
      return;
    }
    line.add(entry, this.#deps.now());
    this.#loaded += 1;
    this.#deps.onReady(line);
  }

  #readOn(): void {
    if (this.#reading || this.#stopped || this.#cursor >= this.#head || this.#loaded >= WINDOW) return;
    this.#reading = true;
    // A page that ends what is there holds all that was known to be written when it was asked for.
    const asked = this.#head;
    this.#deps.read(this.#cursor, PAGE).then(
      (page) => {
        this.#reading = false;
        const last = page.at(-1)?.seq ?? 0;
        this.#cursor = page.length < PAGE ? Math.max(last, asked) : last;
        for (const entry of page) this.#load(entry);
        this.#readOn();
      },
      (error: unknown) => {
        this.#deps.onReadFailed(error);
        this.#deps.after(AGAIN, () => {
          this.#reading = false;
          this.#readOn();
        });
      },
    );
  }

  #readLine(line: ChannelLine): void {
    if (this.#stopped) return;
    const { behind } = line;
    const limit = this.#lineLength;
    this.#deps.read(line.last, limit, this.#oneLine ? undefined : line.key).then(
      (page) => {
        for (const entry of page) {
          line.add(entry, this.#deps.now());
          this.#loaded += 1;
        }
        if (page.length < limit && line.behind === behind) line.behind = 0;
        if (page.length > 0) this.#deps.onReady(line);
        else if (line.behind > 0) this.#readLine(line);
        else this.lines.delete(line.key);
      },
      (error: unknown) => {
        this.#deps.onReadFailed(error);
        this.#deps.after(AGAIN, () => this.#readLine(line));
      },
    );
  }
}
