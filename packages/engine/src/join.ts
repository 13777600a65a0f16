import type { AccessRequest, Rule } from '@portcullis/policy';
import { type Core, refusal } from './core.ts';
import { isPromise, type MaybePromise } from './maybe-promise.ts';
import { readStored, type Stored } from './missed-store.ts';
import type { JoinOutcome, Refused } from './outcome.ts';
import type { Verdict } from './ports/triggers.ts';
import { findMissed, type Recovered } from './recovery.ts';
import type { JoinTicket, Session } from './session.ts';
import type { JoinOptions } from './session-api.ts';
import { refusedStore } from './store-errors.ts';
import { takePlace } from './take-place.ts';
import { holds, MOST_RUNS, type Ran, refusedBy, runStack } from './trigger-asking.ts';

/** One join on its way. */
interface Errand {
  readonly session: Session;
  readonly name: string;
  readonly options: JoinOptions;
  /** The stack that was asked last. */
  ran: Ran | null;
  runs: number;
  /** Of one that comes back: what was read of what it missed. */
  stored: Stored | null;
  reads: number;
}

/** So often the store is read for one that comes back, while more arrives meanwhile than is remembered. */
const MOST_READS = 3;

/** Decided and entered in one turn; whatever has to be awaited first, it is decided again after it. */
export function join(core: Core, session: Session, name: string, options: JoinOptions): MaybePromise<JoinOutcome> {
  return attempt(core, { session, name, options, ran: null, runs: 0, stored: null, reads: 0 });
}

function attempt(core: Core, errand: Errand): MaybePromise<JoinOutcome> {
  const { session, name, options } = errand;
  if (session.ended) return refusal('session.closed');
  if (session.lapsed !== null) return refusal(session.lapsed);
  const request: AccessRequest = {
    operation: 'join',
    principal: session.principal,
    now: core.clock.now(),
    name,
    session: session.id,
  };
  const decision = core.decide(session.app, request);
  if (!decision.allowed) return core.refuse(session.app, request, decision);
  const place = session.subs.get(name);
  // Of a place that was kept for it, it has to be let in again.
  const known = place?.listens === true;
  if (!place && session.subs.size >= session.app.definition.limits.channelsPerConnection) {
    return core.refuseWith(session.app, session, 'limit.channelsPerConnection', name);
  }
  // Who is in has been let in.
  const asked = session.app.triggers && decision.rule && !known ? askTriggers(core, errand, decision.rule) : null;
  if (asked !== null) return asked;
  const keep = decision.rule?.history ?? 0;
  if (keep > 0 && !core.logs.isOpen(session.app, name)) {
    return waiting(core, errand, core.logs.open(session.app, name), () => null);
  }
  const wanted = keep > 0 || !options.history ? options : { ...options, history: false };
  const recovered = known ? undefined : recover(core, errand, keep);
  return recovered instanceof Promise ? recovered : takePlace(core, session, name, wanted, recovered);
}

/** What one that comes back missed; or the store is read first. */
function recover(core: Core, errand: Errand, keep: number): Recovered | Promise<JoinOutcome> | undefined {
  const { session, name, options, stored, reads } = errand;
  if (!options.recover) return undefined;
  const found = findMissed(core, session.app, name, options.recover, stored, session.principal.kind === 'user');
  if (found !== 'not remembered') return found;
  if (keep === 0 || reads === MOST_READS) return 'gap';
  errand.reads += 1;
  return waiting(core, errand, readStored(core, session.app, name, keep), (read) => {
    errand.stored = read;
    return null;
  });
}

/** `null`: nothing stands against it, go on in this very turn. */
function askTriggers(core: Core, errand: Errand, rule: Rule): MaybePromise<JoinOutcome> | null {
  const { session, name, options } = errand;
  const { app, principal } = session;
  const stack = app.triggers?.stacksFor(rule, name)?.join;
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
  session.joining = [...session.joining, ticket];
  let refused: Refused | null;
  try {
    refused = take(await awaited);
  } catch (error) {
    refused = refusedStore(core, session, error);
  } finally {
    session.joining = session.joining.filter((one) => one !== ticket);
  }
  return ticket.dead === null ? (refused ?? attempt(core, errand)) : refusal(ticket.dead);
}
