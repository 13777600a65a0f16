import type { WaitingEntry } from '@portcullis/engine';

/** What waits for one action in one channel, oldest first. One attempt at a time: so its order is kept. */
export class ChannelLine {
  readonly key: string;
  readonly entries: WaitingEntry[] = [];
  busy = false;
  /** ms since 1970; no attempt before it. */
  due = 0;
  /** ms since 1970: since when the first of them has been here. */
  since = 0;
  /** The newest entry that was here, or is. */
  last = 0;
  /** The newest entry that is in the store alone; 0: all are here. */
  behind = 0;

  constructor(key: string) {
    this.key = key;
  }

  add(entry: WaitingEntry, now: number): void {
    if (this.entries.length === 0) this.since = now;
    const at = this.entries.findLastIndex(({ seq }) => seq < entry.seq) + 1;
    this.entries.splice(at, 0, entry);
    if (at === 0) this.due = entry.due;
    this.last = Math.max(this.last, entry.seq);
  }

  has(seq: number): boolean {
    return this.entries.some((entry) => entry.seq === seq);
  }
}
