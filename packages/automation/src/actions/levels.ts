import { utf8Length } from '@portcullis/policy';
import type { ActionLimits } from './app-actions.ts';

export interface Counts {
  waiting: number;
  bytes: number;
  done: number;
  failed: number;
  dead: number;
  dropped: number;
}

/** How much waits for one action, in memory and in the store together, and what became of the rest. */
export class Level {
  readonly counts: Counts = { waiting: 0, bytes: 0, done: 0, failed: 0, dead: 0, dropped: 0 };

  /** Takes room for one more; the name of the limit that forbids it. */
  take(text: string, limits: ActionLimits): 'limit.outbox' | 'limit.outboxBytes' | undefined {
    const bytes = utf8Length(text);
    const { counts } = this;
    const over =
      counts.waiting >= limits.outbox
        ? 'limit.outbox'
        : counts.bytes + bytes > limits.outboxBytes
          ? 'limit.outboxBytes'
          : undefined;
    if (over) counts.dropped += 1;
    else {
      counts.waiting += 1;
      counts.bytes += bytes;
    }
    return over;
  }

  /** What was in the store when the process began. */
  begin(count: number, bytes: number): void {
    this.counts.waiting += count;
    this.counts.bytes += bytes;
  }

  gone(text: string): void {
    this.counts.waiting -= 1;
    this.counts.bytes -= utf8Length(text);
  }
}
