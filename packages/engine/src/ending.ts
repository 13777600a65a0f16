import type { Code } from '@portcullis/policy';
import { stepAway } from './away.ts';
import { type Core, sentence } from './core.ts';
import { depart } from './membership.ts';
import { NO_OUTLET } from './no-wire.ts';
import type { Session } from './session.ts';

/** Ends that say nothing against the client: it is expected back. */
const COME_BACK: ReadonlySet<Code> = new Set<Code>(['limit.sendBuffer', 'server.fault']);
/** For so many of an app places are kept at once; past it, who has been away longest has left. */
const MOST_AWAY = 50_000;

/**
 * Cuts a session: out of every audience and index in this turn, its input dropped, then told why. Nothing follows
 * what the door says last.
 */
export function endSession(core: Core, session: Session, code: Code, message = sentence(code)): void {
  if (!(COME_BACK.has(code) && keepPlaces(core, session, code)) && !detach(core, session, code)) return;
  session.outbox.clear();
  session.outlet.end({ code, message });
}

/** The connection is gone by itself: nobody is left to be told. `forGood`: its client said that it leaves. */
export function forgetSession(core: Core, session: Session, forGood = true): void {
  if (!forGood && keepPlaces(core, session, 'session.closed')) return;
  if (detach(core, session, 'session.closed')) session.outbox.clear();
}

/** The grace is over: whoever has not come back, or not to a channel, has left it. */
export function endAway(core: Core, session: Session): void {
  if (session.ended || session.outlet === NO_OUTLET) {
    forgetSession(core, session);
    return;
  }
  for (const sub of session.subs.all()) if (!sub.listens) depart(core, sub);
  awaitJoin(core, session);
}

function keepPlaces(core: Core, session: Session, code: Code): boolean {
  if (!stepAway(core, session, code)) return false;
  const { away } = session.app;
  for (const longest of away) {
    if (away.size <= MOST_AWAY) break;
    endAway(core, longest);
  }
  return true;
}

function detach(core: Core, session: Session, code: Code): boolean {
  if (session.ended) return false;
  session.ended = true;
  core.lonely.remove(session);
  core.away.remove(session);
  session.app.away.delete(session);
  session.stopGraceTimer();
  for (const sub of session.subs.all()) depart(core, sub);
  session.app.sessions.delete(session.id);
  session.app.index.remove(session);
  core.forgetExpiry(session);
  if (session.outlet !== NO_OUTLET) core.meter.sessionClosed(session.app.id, code);
  return true;
}

/** A connection in no channel is ended after `limits.joinTimeout`. */
export function awaitJoin(core: Core, session: Session): void {
  if (session.ended || session.lapsed !== null || session.subs.size > 0) core.lonely.remove(session);
  else core.lonely.add(session, session.app.definition.limits.joinTimeout);
}
