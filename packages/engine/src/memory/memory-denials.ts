import type { DenialCount } from '../ports/store.ts';

export interface DenialBounds {
  /** Minutes before the newest one that are kept. */
  readonly minutes: number;
  /** Rows that are kept at most. */
  readonly rows: number;
}

/** Denials as counts, in memory: one row per minute, app, code, principal and rule. */
export class MemoryDenials {
  readonly #bounds: DenialBounds;
  /** By the tuple as JSON, oldest row first. */
  readonly #rows = new Map<string, DenialCount>();
  #newestMinute = Number.NEGATIVE_INFINITY;

  constructor(bounds: DenialBounds) {
    this.#bounds = bounds;
  }

  add(counts: readonly DenialCount[]): void {
    for (const added of counts) {
      const key = JSON.stringify([added.minute, added.app, added.code, added.principal, added.rule]);
      const before = this.#rows.get(key)?.count ?? 0;
      this.#rows.set(key, { ...added, count: before + added.count });
      this.#newestMinute = Math.max(this.#newestMinute, added.minute);
    }
    this.#trim();
  }

  since(app: string, minute: number): readonly DenialCount[] {
    const found = [...this.#rows.values()].filter((row) => row.app === app && row.minute >= minute);
    return found.sort((a, b) => a.minute - b.minute);
  }

  deleteApp(app: string): void {
    for (const [key, row] of this.#rows) if (row.app === app) this.#rows.delete(key);
  }

  #trim(): void {
    const oldest = this.#newestMinute - this.#bounds.minutes;
    for (const [key, row] of this.#rows) {
      if (row.minute >= oldest && this.#rows.size <= this.#bounds.rows) return;
      this.#rows.delete(key);
    }
  }
}
