import type { Core } from './core.ts';
import { endSession } from './ending.ts';
import type { Content, Renew } from './outbox.ts';
import type { Part } from './parts.ts';
import type { Notice } from './ports/outlet.ts';
import type { Session } from './session.ts';
import type { Subscription } from './subscription.ts';

/** Puts bytes on a session's way out; `false` when it is too slow and has to be cut. */
export function send(core: Core, session: Session, channel: string, bytes: Uint8Array, content: Content): boolean {
  if (session.ended || bytes.length === 0) return true;
  if (core.gathering && session.subs.size > 1) cork(core, session);
  const inTime = session.outbox.send(channel, bytes, content, session.app.definition.limits, core.turn);
  // What waits counts against the reader from the next turn on: without one it would never be too slow.
  if (session.outbox.queued > 0) core.wakeAtEndOfTurn();
  return inTime;
}

/** What a subscription gets of its channel; `false` as above. */
export function sendParts(core: Core, { session, channel }: Subscription, parts: readonly Part[]): boolean {
  for (const { bytes, entries } of parts) if (!send(core, session, channel, bytes, entries)) return false;
  return true;
}

export function endTooSlow(core: Core, session: Session): void {
  core.log.info('session.too-slow', { app: session.app.id, session: session.id, queued: session.outbox.queued });
  endSession(core, session, 'limit.sendBuffer');
}

/** From here to the end of the turn, what is written to the session goes out as one write. */
function cork(core: Core, session: Session): void {
  if (session.corked) return;
  session.corked = true;
  session.outlet.cork();
  core.corked.push(session);
}

export function uncorkAll(core: Core): void {
  for (const session of core.corked.splice(0)) {
    session.corked = false;
    session.outlet.uncork();
  }
}

/**
 * Tells one session something, behind what is queued for it. Clients ask for many things at once: all that they are
 * told in one turn is one write. `renew`: it is a snapshot.
 */
export function notify(core: Core, session: Session, notice: Notice, renew: Renew | null = null): void {
  if (session.ended) return;
  const bytes = session.codec.notice(notice);
  cork(core, session);
  core.wakeAtEndOfTurn();
  if (!send(core, session, notice.channel ?? '', bytes, renew)) endTooSlow(core, session);
}
