import { statedUser } from '@portcullis/policy';
import type { Core } from './core.ts';
import { endTooSlow, notify, send } from './delivery.ts';
import { catchUp, nextPage, readPage, sendPage } from './history-page.ts';
import { LABEL } from './labels.ts';
import { isPromise } from './maybe-promise.ts';
import type { HistoryOutcome } from './outcome.ts';
import type { HistoryQuery } from './ports/store.ts';
import type { Publication } from './publication.ts';
import type { Session } from './session.ts';
import { askForRoster } from './settle.ts';
import type { Subscription } from './subscription.ts';

/** Sends a channel's history, or with `peer` (a session id) what the two users said to each other. */
export async function history(core: Core, session: Session, name: string, peer?: string): Promise<HistoryOutcome> {
  const scope = peer === undefined ? CHANNEL : pairWith(session, name, peer);
  if (!scope) return core.refuseWith(session.app, session, 'channel.peer-not-present');
  return nextPage(core, session, () =>
    readPage(core, session, { name, scope }, (items) => sendPage(core, session, name, items)),
  );
}

const CHANNEL = { of: 'channel' } as const;

function pairWith(session: Session, name: string, peer: string): HistoryQuery['scope'] | undefined {
  const other = session.app.channels.get(name)?.subs.get(peer)?.session.principal;
  const user = statedUser(session.principal);
  const otherUser = other?.kind === 'user' ? other.user : undefined;
  return user === undefined || otherUser === undefined ? undefined : { of: 'pair', users: [user, otherUser] };
}

/** The history a join asked for: all that came before the join, then what waited behind it. */
export function sendJoinHistory(core: Core, sub: Subscription): void {
  const { session } = sub;
  const mark = core.broker.raise(session.app.id, session.app.policy.epoch);
  void (async () => {
    const before = (isPromise(mark) ? await mark : mark) + 1n;
    const read = await nextPage(core, session, () =>
      readPage(core, session, { name: sub.channel, scope: CHANNEL, before }, (items) => {
        if (session.subs.get(sub.channel) !== sub) return;
        sendPage(core, session, sub.channel, items);
        release(core, sub, items);
      }),
    );
    if (read.ok) return;
    catchUp(core, session, sub.channel);
    if (session.subs.get(sub.channel) !== sub) return;
    notify(core, session, { type: 'refused', channel: sub.channel, code: read.code, message: read.message });
    release(core, sub, []);
  })().catch((error: unknown) => core.log.error('history.failed', { app: session.app.id, error }));
}

/** What waited behind the history goes out, and the subscription joins the others of its labels. */
function release(core: Core, sub: Subscription, shown: readonly Publication[]): void {
  const { session } = sub;
  const waited = sub.waiting;
  if (!waited) return;
  sub.waiting = null;
  sub.waitingBytes = 0;
  const seen = new Set(shown.map((publication) => publication.timetoken));
  const rest = waited.filter((publication) => !seen.has(publication.timetoken));
  if (rest.length > 0 && !send(core, session, sub.channel, session.codec.publications(rest), rest)) {
    endTooSlow(core, session);
    return;
  }
  const channel = session.app.channels.get(sub.channel);
  channel?.waiting.delete(sub);
  if (session.ended) return;
  channel?.enterClass(sub);
  if (sub.labels & LABEL.presence) askForRoster(core, sub);
}
