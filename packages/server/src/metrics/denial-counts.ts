import type { Clock, DenialCount, Log, Store } from '@portcullis/engine';

/** Rows held between two writes. Past it, who was refused is no longer told apart, only how often. */
const MOST_ROWS = 10_000;
const EVERYBODY_ELSE = 'others';

export interface DenialCountsDeps {
  readonly store: Pick<Store, 'countDenials'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Counts refusals, one row a minute, app, code, principal and rule, so that strangers can fill neither memory nor disk. */
export class DenialCounts {
  readonly #deps: DenialCountsDeps;
  #rows = new Map<string, DenialCount>();

  constructor(deps: DenialCountsDeps) {
    this.#deps = deps;
  }

  add(app: string, code: string, principal: string, rule: number | null): void {
    const minute = Math.floor(this.#deps.clock.now() / 60_000);
    const who = this.#rows.size < MOST_ROWS ? principal : EVERYBODY_ELSE;
    this.#count({ minute, app, code, principal: who, rule, count: 1 });
  }

  /** Hands the counts to the store. A store that fails loses none of them: they are counted on and tried again. */
  async flush(): Promise<void> {
    if (this.#rows.size === 0) return;
    const rows = [...this.#rows.values()];
    this.#rows = new Map();
    try {
      await this.#deps.store.countDenials(rows);
    } catch (error) {
      for (const row of rows) this.#count(row);
      this.#deps.log.warn('denials.not-written', { rows: rows.length, error });
    }
  }

  #count(row: DenialCount): void {
    const { minute, app, code, principal, rule, count } = row;
    const key = JSON.stringify([minute, app, code, principal, rule]);
    this.#rows.set(key, { ...row, count: count + (this.#rows.get(key)?.count ?? 0) });
  }
}
