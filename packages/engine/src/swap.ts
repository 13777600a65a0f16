import type { AccessRequest, Principal } from '@portcullis/policy';
import { type Core, refusal } from './core.ts';
import { awaitJoin } from './ending.ts';
import { expireDue } from './expire-due.ts';
import type { SwapOutcome } from './outcome.ts';
import { firstOutstanding } from './outstanding.ts';
import { isSameUser } from './same-user.ts';
import type { Session } from './session.ts';
import { settleSession, settleSub } from './settle.ts';

/**
 * Another proof takes the place of a session's own, all in this turn: who it is, where it is found, when it ends, and
 * what each subscription may receive. One that had lost its proof may ask again; nothing it lost comes back by itself.
 */
export function swap(core: Core, session: Session, principal: Principal): SwapOutcome {
  const { app } = session;
  settleBefore(core, session);
  if (session.ended) return refusal('session.closed');
  if (!isSameUser(session.principal, principal)) return core.refuseWith(app, session, 'identity.user-mismatch');
  const request: AccessRequest = { operation: 'connect', principal, now: core.clock.now(), joined: true };
  const decision = core.decide(app, request);
  if (!decision.allowed) return core.refuse(app, request, decision);
  for (const sub of session.subs.all()) remember(core, session, sub.channel);
  app.index.remove(session);
  core.forgetExpiry(session);
  session.become(principal);
  app.index.add(session);
  core.watchExpiry(session);
  for (const name of session.subs.channels()) app.channels.get(name)?.memberChanged();
  session.lapsed = null;
  session.stopGraceTimer();
  session.dirty = true;
  settleSession(core, session);
  if (session.ended) return refusal('session.closed');
  awaitJoin(core, session);
  return { ok: true, expiresAt: session.lease.expiresAt };
}

/** What it has lost by the proof it has, it loses now: none of that comes back by another. */
function settleBefore(core: Core, session: Session): void {
  expireDue(core);
  settleSession(core, session);
  for (const sub of session.subs.all()) {
    const channel = session.app.channels.get(sub.channel);
    if (channel?.dirtyAll || channel?.dirtySubs.has(sub)) settleSub(core, sub);
  }
}

/** What has its place already, and was not for the one before, is not for the one after either. */
function remember(core: Core, session: Session, name: string): void {
  const { principal, app } = session;
  const sub = session.subs.get(name);
  if (!sub) return;
  const upTo = core.broker.lastSeq(app.id, name);
  const first = firstOutstanding(core, app, name);
  sub.forgetWas(first);
  if (upTo < first && !sub.missed) return;
  sub.was = [...sub.was, { principal, policy: app.policy, at: core.clock.now(), upTo }];
}
