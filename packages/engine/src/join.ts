import type { AccessRequest, Rule } from '@portcullis/policy';
import { type Core, refusal } from './core.ts';
import { notify } from './delivery.ts';
import { sendJoinHistory } from './history.ts';
import { LABEL } from './labels.ts';
import { isPromise, type MaybePromise } from './maybe-promise.ts';
import { enter } from './membership.ts';
import type { JoinOutcome, Refused } from './outcome.ts';
import type { Verdict } from './ports/triggers.ts';
import type { JoinTicket, Session } from './session.ts';
import type { JoinOptions } from './session-api.ts';
import { admit, askForRoster, settleSub } from './settle.ts';
import { refusedStore } from './store-errors.ts';
import type { Subscription } from './subscription.ts';
import { holds, MOST_RUNS, type Ran, refusedBy, runStack } from './trigger-asking.ts';

/** One join on its way. */
interface Errand {
  readonly session: Session;
  readonly name: string;
  readonly options: JoinOptions;
  /** The stack that was asked last. */
  ran: Ran | null;
  runs: number;
}

/** Decided and entered in one turn; whatever has to be awaited first, it is decided again after it. */
export function join(core: Core, session: Session, name: string, options: JoinOptions): MaybePromise<JoinOutcome> {
  return attempt(core, { session, name, options, ran: null, runs: 0 });
}

function attempt(core: Core, errand: Errand): MaybePromise<JoinOutcome> {
  const { session, name, options } = errand;
  if (session.ended) return refusal('session.closed');
  const request: AccessRequest = {
    operation: 'join',
    principal: session.principal,
    now: core.clock.now(),
    name,
    session: session.id,
  };
  const decision = core.decide(session.app, request);
  if (!decision.allowed) return core.refuse(session.app, request, decision);
  const known = session.subs.has(name);
  if (!known && session.subs.size >= session.app.definition.limits.channelsPerConnection) {
    return core.refuseWith(session.app, session, 'limit.channelsPerConnection', name);
  }
  // Who is in has been let in.
  const asked = session.app.triggers && decision.rule && !known ? askTriggers(core, errand, decision.rule) : null;
  if (asked !== null) return asked;
  const keeps = (decision.rule?.history ?? 0) > 0;
  if (keeps && !core.logs.isOpen(session.app, name)) {
    return waiting(core, errand, core.logs.open(session.app, name), () => null);
  }
  return takePlace(core, session, name, keeps ? options : { ...options, history: false });
}

/** `null`: nothing stands against it, go on in this very turn. */
function askTriggers(core: Core, errand: Errand, rule: Rule): MaybePromise<JoinOutcome> | null {
  const { session, name, options } = errand;
  const { app, principal } = session;
  const stack = app.triggers?.stackFor('join', rule, name);
  if (!stack || holds(errand.ran, stack, rule, principal)) return null;
  if (errand.runs === MOST_RUNS) return refusal('trigger.stale');
  errand.runs += 1;
  errand.ran = { stack, rule, principal };
  const asked = { app: app.id, channel: name, rule, principal, session: session.id, at: core.clock.now() };
  const verdict = runStack(core, app, stack, {
    ...asked,
    action: 'join',
    options: { presence: options.presence, history: options.history !== false },
  });
  const take = (answer: Verdict) => (answer.pass ? null : refusedBy(core, app, session, name, answer));
  return isPromise(verdict) ? waiting(core, errand, verdict, take) : take(verdict);
}

/**
 * Waits where whatever takes the session off the channel finds the join and ends it, then decides again, in the turn in
 * which it stops waiting.
 */
async function waiting<T>(
  core: Core,
  errand: Errand,
  awaited: Promise<T>,
  take: (value: T) => Refused | null,
): Promise<JoinOutcome> {
  const { session, name } = errand;
  const ticket: JoinTicket = { channel: name, dead: null };
  session.joining.add(ticket);
  let refused: Refused | null;
  try {
    refused = take(await awaited);
  } catch (error) {
    refused = refusedStore(core, session, error);
  } finally {
    session.joining.delete(ticket);
  }
  return ticket.dead === null ? (refused ?? attempt(core, errand)) : refusal(ticket.dead);
}

function takePlace(core: Core, session: Session, name: string, options: JoinOptions): JoinOutcome {
  const known = session.subs.get(name);
  if (known) return rejoin(core, known, options);
  const admission = admit(core, session, name, options.presence);
  if (!admission.admitted) return core.refuse(session.app, admission.request, admission.denied);
  const sub = enter(core, session, name, options, admission.labels);
  notify(core, session, { type: 'joined', channel: name, self: session.self });
  if (sub.labels & LABEL.presence) askForRoster(core, sub);
  if (options.history) sendJoinHistory(core, sub);
  return { ok: true };
}

/** A second join tells no one else, and sends the snapshots again: the first may have come before anyone listened. */
function rejoin(core: Core, sub: Subscription, options: JoinOptions): JoinOutcome {
  const { session } = sub;
  sub.options = options;
  settleSub(core, sub);
  if (session.subs.get(sub.channel) !== sub) return refusal('channel.not-available');
  notify(core, session, { type: 'joined', channel: sub.channel, self: session.self });
  if (sub.labels & LABEL.presence) askForRoster(core, sub);
  if (options.history && !sub.waiting) sendJoinHistory(core, sub);
  return { ok: true };
}
