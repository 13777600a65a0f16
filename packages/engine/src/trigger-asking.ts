import type { Principal, Rule } from '@portcullis/policy';
import type { App } from './app.ts';
import type { Core } from './core.ts';
import { isPromise, type MaybePromise } from './maybe-promise.ts';
import type { Refused } from './outcome.ts';
import type { TriggerCall, TriggerStack, Verdict } from './ports/triggers.ts';

/** What a stack was asked under. Where one of these is another by now, its answer says nothing. */
export interface Ran {
  readonly stack: TriggerStack;
  readonly rule: Rule;
  readonly principal: Principal;
}

const FAILED: Verdict = { pass: false, code: 'trigger.failed' };

/** A stack asked more often than this for one join or message changes faster than it answers. */
export const MOST_RUNS = 2;

/** Whether an answer still holds: the same rule as it was, the same stack, the same proofs. */
export function holds(ran: Ran | null, stack: TriggerStack, rule: Rule, principal: Principal): boolean {
  return ran !== null && ran.stack === stack && ran.principal === principal && sameRule(ran.rule, rule);
}

/** Rules of the file have no version: they are compared by what they say. */
function sameRule(a: Rule, b: Rule): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** The stack's answer. A stack that breaks refuses. */
export function runStack(core: Core, app: App, stack: TriggerStack, call: TriggerCall): MaybePromise<Verdict> {
  const broke = (error: unknown): Verdict => {
    core.log.error('trigger.broke', { app: app.id, rule: call.rule.id, error });
    return FAILED;
  };
  try {
    const verdict = stack.run(call);
    return isPromise(verdict) ? verdict.catch(broke) : verdict;
  } catch (error) {
    return broke(error);
  }
}

/** A trigger's no, counted, in the operator's words if there are any. */
export function refusedBy(
  core: Core,
  app: App,
  asker: { readonly principal: Principal },
  channel: string,
  { code, reason }: Extract<Verdict, { readonly pass: false }>,
): Refused {
  return core.refuseWith(app, asker, code, channel, reason);
}
