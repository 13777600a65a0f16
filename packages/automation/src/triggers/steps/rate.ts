import { RateLimiter } from '@portcullis/engine';
import { statedUser } from '@portcullis/policy';
import type { Rate } from '../spec.ts';
import { PASSED, type Step, type StepContext } from './step.ts';

/** So many users or channels are remembered. */
const MOST_KEYS = 10_000;

/** At most so many within a time, per user or channel. Its memory lives as long as its trigger is the same. */
export function rateStep({ per, limit, within, reason }: Rate): Step {
  const limiter = new RateLimiter(limit, { window: within, most: MOST_KEYS });
  const code = per === 'user' ? 'limit.ratePerUser' : 'limit.ratePerChannel';
  return {
    kind: 'rate',
    run: (_, context) => {
      if (context.trial || limiter.spend(keyOf(per, context), context.call.at)) return PASSED;
      return { type: 'block', code, ...(reason === undefined ? {} : { reason }) };
    },
  };
}

/** The anonymous are nobody together: each connection is one of its own. */
function keyOf(per: Rate['per'], { call: { channel, principal, session } }: StepContext): string {
  if (per === 'channel') return channel;
  const user = statedUser(principal);
  return user === undefined ? `${principal.kind} ${session}` : `${principal.kind} ${user}`;
}
