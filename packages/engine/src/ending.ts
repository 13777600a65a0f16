import type { Code } from '@portcullis/policy';
import { type Core, sentence } from './core.ts';
import { depart } from './membership.ts';
import type { Session } from './session.ts';

/**
 * Cuts a session: out of every audience and index in this turn, its input dropped, then told why. Nothing follows
 * what the door says last.
 */
export function endSession(core: Core, session: Session, code: Code, message = sentence(code)): void {
  if (!detach(core, session, code)) return;
  session.outbox.clear();
  session.outlet.end({ code, message });
}

/** The connection is gone by itself: nobody is left to be told. */
export function forgetSession(core: Core, session: Session): void {
  if (detach(core, session, 'session.closed')) session.outbox.clear();
}

function detach(core: Core, session: Session, code: string): boolean {
  if (session.ended) return false;
  session.ended = true;
  core.lonely.remove(session);
  session.stopGraceTimer();
  for (const sub of session.subs.all()) depart(core, sub);
  session.app.sessions.delete(session.id);
  session.app.index.remove(session);
  core.forgetExpiry(session);
  core.meter.sessionClosed(session.app.id, code);
  return true;
}

/** A connection in no channel is ended after `limits.joinTimeout`. */
export function awaitJoin(core: Core, session: Session): void {
  if (session.ended || session.lapsed !== null || session.subs.size > 0) core.lonely.remove(session);
  else core.lonely.add(session, session.app.definition.limits.joinTimeout);
}
