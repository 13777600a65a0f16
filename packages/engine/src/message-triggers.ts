import type { Allowed, Audience, Rule, SendTarget } from '@portcullis/policy';
import { narrowed } from './addressing.ts';
import { type Core, refusal } from './core.ts';
import { isLongerThan } from './longer-than.ts';
import { isPromise, type MaybePromise } from './maybe-promise.ts';
import type { Refused } from './outcome.ts';
import type { MessageCall, Narrowing, Stacks, Verdict } from './ports/triggers.ts';
import type { Message } from './publish.ts';
import type { Publisher } from './publisher.ts';
import { holds, MOST_RUNS, type Ran, refusedBy, runStack } from './trigger-asking.ts';

/** A message, and what the triggers of its channel have made of it. */
export interface Triggered {
  readonly publisher: Publisher;
  readonly message: Message;
  /** JSON text of the payload as it goes out. */
  data: string;
  /** What the audience was narrowed to. Nothing is taken back from here: it never widens. */
  narrowing: readonly Narrowing[];
  /** The stack that was asked last. */
  ran: Ran | null;
  runs: number;
  /** How often its join trigger was asked, for one who holds no connection. */
  asked: number;
}

export const NOT_NARROWED: readonly Narrowing[] = [];

/**
 * Asks the stack of the rule that allowed a message. `null`: go on in this very turn. A promise: with `null` everything
 * has to be decided again, for the world has moved.
 */
export function askMessageTriggers(
  core: Core,
  errand: Triggered,
  stacks: Stacks,
  { rule, target }: Allowed,
): MaybePromise<Refused | null> {
  if (!rule) return null;
  const { publisher, message } = errand;
  const { app, principal } = publisher;
  const lacking = publisher.subs === null && stacks.join ? askAdmission(core, errand, rule) : null;
  if (lacking !== null) return lacking;
  const stack = stacks.message;
  if (!stack || holds(errand.ran, stack, rule, principal)) return null;
  if (errand.runs === MOST_RUNS) return refusal('trigger.stale');
  errand.runs += 1;
  errand.ran = { stack, rule, principal };
  const verdict = runStack(core, app, stack, callOf(core, errand, rule, target ?? message.target));
  return isPromise(verdict) ? verdict.then((answer) => take(core, errand, answer)) : take(core, errand, verdict);
}

/** One who holds no connection has to be let in as well, as if it joined now. */
function askAdmission(core: Core, errand: Triggered, rule: Rule): MaybePromise<Refused | null> | null {
  const { app, principal } = errand.publisher;
  const { channel } = errand.message;
  const asked = app.admissions.ask(principal, channel, rule);
  if (isPromise(asked)) {
    if (errand.asked === MOST_RUNS) return refusal('trigger.stale');
    errand.asked += 1;
    return asked.then(() => null);
  }
  const admission = app.admissions.of(principal, channel, rule);
  if (admission === 'unknown') return refusal('trigger.stale');
  if (admission === null || admission.pass) return null;
  return refusedBy(core, app, errand.publisher, channel, admission);
}

/** Every run sees the message as it was sent: what an older stack made of it counts no more. */
function callOf(core: Core, { publisher, message }: Triggered, rule: Rule, target: SendTarget): MessageCall {
  const { meta, customType } = message;
  const call: MessageCall = {
    action: 'message',
    app: publisher.app.id,
    channel: message.channel,
    rule,
    principal: publisher.principal,
    session: publisher.id,
    at: core.clock.now(),
    kind: message.kind,
    target,
    data: message.data,
    store: message.store !== false,
    fire: message.fire === true,
    hops: message.hops ?? 0,
  };
  if (meta === undefined && customType === undefined) return call;
  return { ...call, ...(meta === undefined ? {} : { meta }), ...(customType === undefined ? {} : { customType }) };
}

function take(core: Core, errand: Triggered, verdict: Verdict): Refused | null {
  const { publisher, message } = errand;
  if (!verdict.pass) return refusedBy(core, publisher.app, publisher, message.channel, verdict);
  errand.data = verdict.data ?? message.data;
  if (verdict.narrow) errand.narrowing = [...errand.narrowing, verdict.narrow];
  if (isLongerThan(publisher.app.definition.limits.message, errand.data)) {
    return core.refuseWith(publisher.app, publisher, 'trigger.failed', message.channel);
  }
  return null;
}

/** Whom of an audience triggers have left; `null`: nobody. */
export function audienceLeft({ narrowing }: Triggered, audience: Audience): Audience | null {
  let left: Audience | null = audience;
  for (const step of narrowing) left = left && narrowed(left, step);
  return left;
}
