import type { AccessRequest } from '@portcullis/policy';
import { type Core, refusal } from './core.ts';
import { notify } from './delivery.ts';
import { sendJoinHistory } from './history.ts';
import { LABEL } from './labels.ts';
import type { MaybePromise } from './maybe-promise.ts';
import { enter } from './membership.ts';
import type { JoinOutcome } from './outcome.ts';
import type { JoinTicket, Session } from './session.ts';
import type { JoinOptions } from './session-api.ts';
import { admit, askForRoster, settleSub } from './settle.ts';
import { refusedStore } from './store-errors.ts';
import type { Subscription } from './subscription.ts';

/** Decided and entered in one turn; when the channel's log has to be fetched first, decided again after it. */
export function join(core: Core, session: Session, name: string, options: JoinOptions): MaybePromise<JoinOutcome> {
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
  if (!session.subs.has(name) && session.subs.size >= session.app.definition.limits.channelsPerConnection) {
    return core.refuseWith(session.app, session, 'limit.channelsPerConnection');
  }
  const keeps = (decision.rule?.history ?? 0) > 0;
  if (keeps && !core.logs.isOpen(session.app, name)) return joinOnceOpen(core, session, name, options);
  return takePlace(core, session, name, keeps ? options : { ...options, history: false });
}

async function joinOnceOpen(core: Core, session: Session, name: string, options: JoinOptions): Promise<JoinOutcome> {
  const ticket: JoinTicket = { channel: name, dead: null };
  session.joining.add(ticket);
  try {
    await core.logs.open(session.app, name);
  } catch (error) {
    return refusedStore(core, session, error);
  } finally {
    session.joining.delete(ticket);
  }
  if (ticket.dead !== null) return refusal(ticket.dead);
  return join(core, session, name, options);
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
