import type { StatelessApi, Timetoken } from '@portcullis/engine';

const given = new WeakMap<StatelessApi, Map<string, Timetoken>>();

/** A timetoken of its own for an action of the app: later than every one given out here before. */
export function actionTimetoken(engine: StatelessApi, app: string): Timetoken {
  const last = given.get(engine) ?? new Map<string, Timetoken>();
  given.set(engine, last);
  const newest = engine.timetoken(app);
  const before = last.get(app) ?? 0n;
  const next = newest > before ? newest : before + 1n;
  last.set(app, next);
  return next;
}
