import type { Parcel } from './envelope/parcel.ts';
import type { Sent } from './send/sender.ts';

/** Runs that are remembered for each app, and characters of one run's input. */
const RUNS = 500;
const INPUT = 16_384;

export interface Run {
  readonly app: string;
  readonly action: string;
  /** ms since 1970. */
  readonly at: number;
  /** ms. */
  readonly took: number;
  readonly attempt: number;
  readonly outcome: 'done' | 'failed' | 'gave-up';
  readonly reason?: string;
  readonly events: readonly { readonly id: string; readonly type: string; readonly channel?: string }[];
  /** What was handed over, cut off where it is long. */
  readonly input: string;
}

interface RunFacts extends Pick<Run, 'app' | 'action' | 'at' | 'took' | 'attempt'> {
  readonly given: boolean;
  readonly sent: Sent;
  readonly parcel: Parcel;
}

/** What actions did lately, for operators: in memory, the newest of each app. */
export class RunLog {
  readonly #runs = new Map<string, Run[]>();

  add({ app, action, at, took, attempt, given, sent, parcel }: RunFacts): void {
    const runs = this.#runs.get(app) ?? [];
    this.#runs.set(app, runs);
    runs.push({
      app,
      action,
      at,
      took,
      attempt,
      outcome: sent.ok ? 'done' : given ? 'gave-up' : 'failed',
      ...(sent.ok ? {} : { reason: sent.reason }),
      events: parcel.items.map(({ event: { id, type, channel } }) => ({
        id,
        type,
        ...(channel !== undefined && { channel }),
      })),
      input: parcel.body.slice(0, INPUT),
    });
    if (runs.length > RUNS * 2) runs.splice(0, runs.length - RUNS);
  }

  /** Newest first. */
  of(app: string, { action, limit }: { readonly action?: string | undefined; readonly limit: number }): readonly Run[] {
    const runs = (this.#runs.get(app) ?? []).slice(-RUNS);
    return runs
      .filter((run) => action === undefined || run.action === action || run.action.startsWith(`${action}/`))
      .reverse()
      .slice(0, limit);
  }

  forget(app: string): void {
    this.#runs.delete(app);
  }
}
