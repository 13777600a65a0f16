import { RateLimiter } from '@portcullis/engine';
import { shownUser } from '@portcullis/policy';
import type { Call, PubNubDeps } from './call.ts';
import type { PubNubSettings } from './settings.ts';

type Rate = 'rateReactions' | 'rateObjects';

/** By the app's settings: other settings begin anew. */
const limiters = new WeakMap<PubNubSettings, { readonly [rate in Rate]: RateLimiter }>();

function limiterOf(settings: PubNubSettings, rate: Rate): RateLimiter {
  let known = limiters.get(settings);
  if (known === undefined) {
    const { rateReactions, rateObjects } = settings;
    known = { rateReactions: new RateLimiter(rateReactions), rateObjects: new RateLimiter(rateObjects) };
    limiters.set(settings, known);
  }
  return known[rate];
}

/** Spends one change of the caller's; answers the limit when none is left. Whoever has no id is known by its address. */
export function overRate(call: Call, { engine }: PubNubDeps, rate: Rate): `limit.${Rate}` | undefined {
  const { app, principal, address } = call;
  const limiter = limiterOf(app.settings, rate);
  if (limiter.off) return undefined;
  const who = shownUser(principal);
  const key = who === undefined ? `at ${address}` : `${principal.kind} ${who}`;
  return limiter.spend(key, engine.now()) ? undefined : `limit.${rate}`;
}
