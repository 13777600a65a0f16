import type { Core } from './core.ts';
import { endTooSlow, notify, sendParts } from './delivery.ts';
import { expireDue } from './expire-due.ts';
import { LABEL } from './labels.ts';
import { partsOf } from './parts.ts';
import type { HistoryPage } from './ports/outlet.ts';
import type { Publication } from './publication.ts';
import { mayReceive } from './receivers.ts';
import type { Missed } from './seldom.ts';
import type { Session } from './session.ts';
import { askForRoster } from './settle.ts';
import { settleIfMarked } from './settle-channel.ts';
import type { Subscription } from './subscription.ts';

/** A page of what was missed stays within this part of what a session may owe. */
const PAGE_OF_SEND_BUFFER = 0.5;

/** Sends what a session missed, page by page as it takes them; what is live waits behind the last. */
export function sendMissed(core: Core, sub: Subscription): void {
  const { session } = sub;
  while (sub.missed) {
    settleIfMarked(core, session, sub.channel);
    expireDue(core);
    if (session.ended || session.subs.get(sub.channel) !== sub || !sub.missed) return;
    if (session.outbox.queued > 0) {
      if (!session.behind.includes(sub)) session.behind = [...session.behind, sub];
      return;
    }
    sendPage(core, sub, sub.missed);
  }
}

/** The session took bytes: whatever waits behind its other channels may go on. */
export function goOn(core: Core, session: Session): void {
  for (const sub of session.behind) {
    session.behind = session.behind.filter((one) => one !== sub);
    sendMissed(core, sub);
  }
}

function sendPage(core: Core, sub: Subscription, missed: Missed): void {
  const { limits } = sub.session.app.definition;
  const page = firstOf(missed.items, Math.min(limits.inSocket, limits.sendBuffer * PAGE_OF_SEND_BUFFER));
  const rest = missed.items.slice(page.length);
  sub.missed = rest.length > 0 ? { ...missed, items: rest } : null;
  const items = page.filter((publication) => mayReceive(core, sub, publication));
  if (items.length > 0 || rest.length === 0) queue(core, sub, pageOf(sub, missed, items, rest.length > 0));
  if (rest.length === 0) release(core, sub, []);
}

/** One that is handed over later, under another policy or to another proof, is decided again. */
function queue(core: Core, sub: Subscription, page: HistoryPage): void {
  const { session } = sub;
  const { principal, app } = session;
  const { policy } = app;
  notify(core, session, page, (bytes) => {
    if (app.policy === policy && session.principal === principal) return bytes;
    const items = page.items.filter((publication) => mayReceive(core, sub, publication));
    return items.length === page.items.length ? bytes : session.codec.notice({ ...page, items });
  });
}

function pageOf(sub: Subscription, { ref }: Missed, items: readonly Publication[], more: boolean): HistoryPage {
  const page = { type: 'history', channel: sub.channel, items, join: true, more } as const;
  return ref === undefined ? page : { ...page, ref };
}

/** As many from the beginning as stay within so many bytes, and at least one. */
function firstOf(items: readonly Publication[], bytes: number): readonly Publication[] {
  let sum = 0;
  let count = 0;
  for (const { data } of items) {
    sum += data.length;
    if (count > 0 && sum > bytes) break;
    count += 1;
  }
  return items.slice(0, count);
}

/** What waited behind a snapshot goes out, and the subscription joins the others of its labels. */
export function release(core: Core, sub: Subscription, shown: readonly Publication[]): void {
  const { session } = sub;
  const waited = sub.waiting;
  if (!waited) return;
  sub.waiting = null;
  sub.waitingBytes = 0;
  sub.tidy();
  const seen = new Set(shown.map((publication) => publication.timetoken));
  const rest = waited.filter((publication) => !seen.has(publication.timetoken));
  if (!sendParts(core, sub, partsOf(session.codec, rest, session.app.definition.limits.inSocket))) {
    endTooSlow(core, session);
    return;
  }
  const channel = session.app.channels.get(sub.channel);
  channel?.waiting.delete(sub);
  if (session.ended) return;
  channel?.enterClass(sub);
  if (sub.labels & LABEL.presence) askForRoster(core, sub);
}
