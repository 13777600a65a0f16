import type { App } from './app.ts';
import { findReturning, handOver } from './away.ts';
import { type Core, sentence } from './core.ts';
import { awaitJoin } from './ending.ts';
import type { ConnectOptions } from './engine-api.ts';
import { Session } from './session.ts';
import { settleSession } from './settle.ts';

/** A session for a client that was let in: a new one, or the one it had before, by its name and with its places. */
export function openSession(core: Core, app: App, options: ConnectOptions): Session {
  const { principal, door, resume } = options;
  const grace = app.definition.presenceGrace ?? 0;
  const before = resume === undefined || grace === 0 ? undefined : findReturning(app, resume, principal, door);
  const session = new Session({
    ...options,
    app,
    id: before?.id ?? core.ids.session(),
    connectedAt: core.clock.now(),
    returnKey: options.mayReturn && grace > 0 ? (before?.returnKey ?? core.ids.session()) : null,
  });
  if (before) takeOver(core, before, session, grace);
  else {
    app.sessions.set(session.id, session);
    app.index.add(session);
    core.watchExpiry(session);
  }
  awaitJoin(core, session);
  core.meter.sessionOpened(app.id);
  return session;
}

/** By the proof it comes back with, it may be less than it was: that is decided before it is told anything. */
function takeOver(core: Core, before: Session, session: Session, grace: number): void {
  handOver(core, before, session, 'session.closed');
  // The client has noticed the end of its connection before this side did.
  before.outlet.end({ code: 'session.closed', message: sentence('session.closed') });
  session.dirty = true;
  settleSession(core, session);
  if (session.subs.size > 0) core.away.add(session, grace);
}
