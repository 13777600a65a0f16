import type { Code, Principal } from '@portcullis/policy';
import type { App } from './app.ts';
import type { Core } from './core.ts';
import { LABEL } from './labels.ts';
import { NO_CODEC, NO_OUTLET } from './no-wire.ts';
import { isSameUser } from './same-user.ts';
import { Session } from './session.ts';
import { Subscription } from './subscription.ts';

/**
 * The connection is gone, and its client may be back soon: meanwhile a session without a wire keeps its places in
 * rosters. That one is decided like any other, and nobody is told of anything. Answers whether it was so.
 */
export function stepAway(core: Core, session: Session, code: Code): boolean {
  const { app, returnKey } = session;
  const grace = app.definition.presenceGrace ?? 0;
  if (session.ended || session.lapsed !== null || returnKey === null || grace === 0) return false;
  if (session.subs.size === 0 || session.outlet === NO_OUTLET) return false;
  const { id, principal, door, address, connectedAt } = session;
  const away = new Session({
    ...{ id, app, principal, door, address, connectedAt, returnKey },
    outlet: NO_OUTLET,
    codec: NO_CODEC,
  });
  handOver(core, session, away, code);
  app.away.add(away);
  core.away.add(away, grace);
  return true;
}

/** Whose places a client takes again that shows what it was given with its last connection: its own alone. */
export function findReturning(app: App, resume: string, principal: Principal, door: string): Session | undefined {
  const split = resume.lastIndexOf('.');
  const session = app.sessions.get(resume.slice(0, split));
  if (!session?.returnKey || session.returnKey !== resume.slice(split + 1)) return undefined;
  return session.door === door && isSameUser(session.principal, principal) ? session : undefined;
}

/** What a client shows to be taken for the one before; `null`: nothing is kept for it. */
export function resumeOf({ id, returnKey }: Session): string | null {
  return returnKey === null ? null : `${id}.${returnKey}`;
}

/**
 * One session takes the place of another of the same name and user, in this turn: it is found where that was, and has
 * its places, without being told anything through them yet. What the one before had on its way ends.
 */
export function handOver(core: Core, from: Session, to: Session, code: Code): void {
  const { app } = from;
  const subs = from.subs.all();
  const wasDirty = from.dirty;
  from.ended = true;
  core.lonely.remove(from);
  core.away.remove(from);
  app.away.delete(from);
  from.stopGraceTimer();
  app.index.remove(from);
  core.forgetExpiry(from);
  if (from.outlet !== NO_OUTLET) core.meter.sessionClosed(app.id, code);
  from.outbox.clear();
  app.sessions.set(to.id, to);
  app.index.add(to);
  core.watchExpiry(to);
  for (const sub of subs) {
    from.subs.delete(sub.channel);
    keepPlace(core, sub, to);
  }
  if (!wasDirty) return;
  to.dirty = true;
  app.dirtySessions.add(to);
}

function keepPlace(core: Core, sub: Subscription, session: Session): void {
  const channel = session.app.channels.get(sub.channel);
  if (!channel) return;
  const place = new Subscription(session, sub.channel, false);
  place.listens = false;
  if (sub.state) place.state = sub.state;
  session.subs.add(place);
  channel.replace(sub, place);
  place.begin(core.broker.lastSeq(session.app.id, sub.channel) + 1, LABEL.everyone);
}
