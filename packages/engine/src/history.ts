import { statedUser } from '@portcullis/policy';
import { release } from './catch-up.ts';
import type { Core } from './core.ts';
import { notify } from './delivery.ts';
import { catchUp, readPage, sendPage } from './history-page.ts';
import { isPromise } from './maybe-promise.ts';
import type { HistoryOutcome } from './outcome.ts';
import { nextPage } from './page-pace.ts';
import type { HistoryQuery } from './ports/store.ts';
import type { Session } from './session.ts';
import type { HistoryRequest, JoinOptions } from './session-api.ts';
import type { Subscription } from './subscription.ts';

/** Sends a page of a channel's history, or of what two users said to each other. */
export async function history(
  core: Core,
  session: Session,
  name: string,
  { with: other, ref, ...bounds }: HistoryRequest,
): Promise<HistoryOutcome> {
  const scope = other === undefined ? CHANNEL : pairWith(session, name, other);
  if (!scope) return core.refuseWith(session.app, session, 'channel.peer-not-present');
  // Who is not joined reads as if it joined now.
  if (!session.subs.has(name)) await session.app.admissions.askIfAdmitted(session.principal, name);
  const which = { ...bounds, name, scope, join: false, ...(ref === undefined ? {} : { ref }) };
  return nextPage(core, session, () => readPage(core, session, which, (page) => sendPage(core, session, page)));
}

const CHANNEL = { of: 'channel' } as const;

function pairWith(
  session: Session,
  name: string,
  other: NonNullable<HistoryRequest['with']>,
): HistoryQuery['scope'] | undefined {
  // Private items belong to a pair of proven users.
  const own = session.principal.kind === 'user' ? session.principal.user : undefined;
  const user = 'user' in other ? other.user : userOf(session, name, other.session);
  return own === undefined || user === undefined ? undefined : { of: 'pair', users: [own, user] };
}

function userOf(session: Session, name: string, id: string): string | undefined {
  const peer = session.app.channels.get(name)?.subs.get(id)?.session.principal;
  return peer?.kind === 'user' ? statedUser(peer) : undefined;
}

/** The history a join asked for: all that came before the join, then what waited behind it. */
export function sendJoinHistory(core: Core, sub: Subscription, { history: wanted, ref }: JoinOptions): void {
  const { session, channel: name } = sub;
  const mark = core.broker.raise(session.app.id, session.app.policy.epoch);
  void (async () => {
    const before = (isPromise(mark) ? await mark : mark) + 1n;
    const which = {
      name,
      scope: CHANNEL,
      before,
      join: true,
      ...(typeof wanted === 'number' ? { limit: wanted } : {}),
      ...(ref === undefined ? {} : { ref }),
    };
    const read = await nextPage(core, session, () =>
      readPage(core, session, which, (page) => {
        if (session.subs.get(name) !== sub) return;
        sendPage(core, session, page);
        release(core, sub, page.notice.items);
      }),
    );
    if (read.ok) return;
    catchUp(core, session, name);
    if (session.subs.get(name) !== sub) return;
    notify(core, session, { type: 'refused', channel: name, code: read.code, message: read.message });
    release(core, sub, []);
  })().catch((error: unknown) => core.log.error('history.failed', { app: session.app.id, error }));
}
