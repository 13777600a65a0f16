import type { Narrowing, TriggerCall } from '@portcullis/engine';
import type { StackedStep } from './stack.ts';
import type { StepOutcome } from './steps/step.ts';

/** What one step came to, and how long it took. */
export interface StepRecord {
  readonly step: StackedStep;
  readonly outcome: 'skipped' | StepOutcome['type'];
  readonly ms: number;
  /** For operators, where it failed. */
  readonly error: string | undefined;
}

/** One run of a stack. */
export interface RunRecord {
  readonly call: TriggerCall;
  readonly end:
    | { readonly type: 'pass' }
    | Extract<StepOutcome, { readonly type: 'block' }>
    | { readonly type: 'failed'; readonly step: StackedStep };
  readonly steps: readonly StepRecord[];
  readonly ms: number;
  /** JSON text of the payload as the steps left it; `null` when they left it alone. */
  readonly payload: string | null;
  readonly narrow: Narrowing | null;
}

/** Who is told of each run. */
export type RunObserver = (record: RunRecord) => void;

/** So many runs of an app are remembered. */
export const RUNS_KEPT = 200;

/** The latest runs of an app's triggers, in memory. */
export class Runs {
  readonly #observe: RunObserver;
  readonly #ring: RunRecord[] = [];
  #count = 0;

  constructor(observe: RunObserver) {
    this.#observe = observe;
  }

  add(record: RunRecord): void {
    this.#ring[this.#count % RUNS_KEPT] = record;
    this.#count += 1;
    this.#observe(record);
  }

  /** The newest first, each with its number in this process. */
  latest(limit: number): readonly (RunRecord & { readonly number: number })[] {
    const first = Math.max(0, this.#count - Math.min(limit, RUNS_KEPT));
    const found: (RunRecord & { readonly number: number })[] = [];
    for (let number = this.#count - 1; number >= first; number -= 1) {
      const record = this.#ring[number % RUNS_KEPT];
      if (record) found.push({ ...record, number: number + 1 });
    }
    return found;
  }
}
