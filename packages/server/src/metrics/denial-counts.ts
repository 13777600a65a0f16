import type { Clock, DenialCount, Log, Store } from '@portcullis/engine';

/** Rows held between two writes. Past it, who was refused is no longer told apart, only how often. */
const MOST_ROWS = 10_000;
const EVERYBODY_ELSE = 'others';

export interface DenialCountsDeps {
  readonly store: Pick<Store, 'countDenials'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What refusals have in common, and how often each principal met it. */
interface Kind {
  readonly minute: number;
  readonly app: string;
  readonly code: string;
  readonly rule: number | null;
  readonly counts: Map<string, number>;
}

/** Counts refusals, one row a minute, app, code, principal and rule, so that strangers can fill neither memory nor disk. */
export class DenialCounts {
  readonly #deps: DenialCountsDeps;
  #kinds = new Map<string, Kind>();
  #rows = 0;
  /** An edit refuses thousands for one reason. */
  #last: Kind | undefined;

  constructor(deps: DenialCountsDeps) {
    this.#deps = deps;
  }

  add(app: string, code: string, principal: string, rule: number | null): void {
    const minute = Math.floor(this.#deps.clock.now() / 60_000);
    this.#count(this.#kindOf(minute, app, code, rule), this.#rows < MOST_ROWS ? principal : EVERYBODY_ELSE, 1);
  }

  /** Hands the counts to the store. A store that fails loses none of them: they are counted on and tried again. */
  async flush(): Promise<void> {
    if (this.#rows === 0) return;
    const rows = [...this.#kinds.values()].flatMap(rowsOf);
    this.#kinds = new Map();
    this.#rows = 0;
    this.#last = undefined;
    try {
      await this.#deps.store.countDenials(rows);
    } catch (error) {
      for (const { minute, app, code, rule, principal, count } of rows) {
        this.#count(this.#kindOf(minute, app, code, rule), principal, count);
      }
      this.#deps.log.warn('denials.not-written', { rows: rows.length, error });
    }
  }

  #kindOf(minute: number, app: string, code: string, rule: number | null): Kind {
    const last = this.#last;
    if (last?.minute === minute && last.app === app && last.code === code && last.rule === rule) return last;
    const key = JSON.stringify([minute, app, code, rule]);
    let kind = this.#kinds.get(key);
    if (kind === undefined) {
      kind = { minute, app, code, rule, counts: new Map() };
      this.#kinds.set(key, kind);
    }
    this.#last = kind;
    return kind;
  }

  #count({ counts }: Kind, principal: string, count: number): void {
    const before = counts.get(principal);
    if (before === undefined) this.#rows += 1;
    counts.set(principal, (before ?? 0) + count);
  }
}

function rowsOf({ minute, app, code, rule, counts }: Kind): DenialCount[] {
  return [...counts].map(([principal, count]) => ({ minute, app, code, principal, rule, count }));
}
