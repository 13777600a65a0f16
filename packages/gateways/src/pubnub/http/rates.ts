import { RateLimiter, type StatelessApi } from '@portcullis/engine';
import { shownUser } from '@portcullis/policy';
import type { Call, PubNubDeps } from './call.ts';
import type { PubNubSettings } from './settings.ts';

type Rate = 'rateReactions' | 'rateObjects';

type Limiters = Readonly<Record<Rate, RateLimiter>>;

/** Of each engine's apps. What was spent of a limit that stays as it is remains spent under other settings. */
const known = new WeakMap<StatelessApi, Map<string, Limiters>>();

function limitersOf(engine: StatelessApi, app: string, { rateReactions, rateObjects }: PubNubSettings): Limiters {
  const apps = known.get(engine) ?? new Map<string, Limiters>();
  known.set(engine, apps);
  const before = apps.get(app);
  const limiters = {
    rateReactions: before?.rateReactions.under(rateReactions) ?? new RateLimiter(rateReactions),
    rateObjects: before?.rateObjects.under(rateObjects) ?? new RateLimiter(rateObjects),
  };
  apps.set(app, limiters);
  return limiters;
}

/** Spends one change of the caller's; answers the limit when none is left. Whoever has no id is known by its address. */
export function overRate(call: Call, { engine }: PubNubDeps, rate: Rate): `limit.${Rate}` | undefined {
  const { app, principal, address } = call;
  const limiter = limitersOf(engine, app.app, app.settings)[rate];
  if (limiter.off) return undefined;
  const who = shownUser(principal);
  const key = who === undefined ? `at ${address}` : `${principal.kind} ${who}`;
  return limiter.spend(key, engine.now()) ? undefined : `limit.${rate}`;
}
