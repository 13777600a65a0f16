import { type AccessRequest, statedUser } from '@portcullis/policy';
import { type Core, refusal } from './core.ts';
import { endTooSlow, notify, send } from './delivery.ts';
import { isPromise, type MaybePromise } from './maybe-promise.ts';
import type { HistoryOutcome } from './outcome.ts';
import type { HistoryQuery } from './ports/store.ts';
import type { Publication } from './publication.ts';
import type { Session } from './session.ts';
import { settleIfMarked } from './settle.ts';
import { refusedStore } from './store-errors.ts';
import type { Subscription } from './subscription.ts';

/** A page of history stays within this part of what a session may owe, so that asking for it never cuts the asker. */
const PAGE_OF_SEND_BUFFER = 0.5;

/** Sends a channel's history, or with `peer` (a session id) what the two users said to each other. */
export async function history(core: Core, session: Session, name: string, peer?: string): Promise<HistoryOutcome> {
  const scope = peer === undefined ? CHANNEL : pairWith(session, name, peer);
  if (!scope) return core.refuseWith(session.app, session, 'channel.peer-not-present');
  const read = await nextPage(core, session, () => readHistory(core, session, name, { scope }));
  if (!read.ok) return read;
  notify(core, session, { type: 'history', channel: name, items: read.items });
  return { ok: true };
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
      readHistory(core, session, sub.channel, { scope: CHANNEL, before }),
    );
    settleIfMarked(core, session, sub.channel);
    if (session.subs.get(sub.channel) !== sub) return;
    if (read.ok) notify(core, session, { type: 'history', channel: sub.channel, items: read.items });
    else notify(core, session, { type: 'refused', channel: sub.channel, code: read.code, message: read.message });
    release(core, sub, read.ok ? read.items : []);
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
  if (!session.ended) channel?.enterClass(sub);
}

type Read = { readonly ok: true; readonly items: readonly Publication[] } | Extract<HistoryOutcome, { ok: false }>;

/** The newest page that each session asked for, while it is being read. */
const reading = new WeakMap<Session, Promise<Read>>();

/** Pages of one session are read one at a time, and never in the turn in which it left another: so a reader that takes none is cut after a few. */
async function nextPage(core: Core, session: Session, read: () => Promise<Read>): Promise<Read> {
  const before = reading.get(session);
  const page =
    before === undefined && session.outbox.queued === 0 ? read() : afterTurn(core, session, { before, read });
  reading.set(session, page);
  try {
    return await page;
  } finally {
    if (reading.get(session) === page) reading.delete(session);
  }
}

async function afterTurn(
  core: Core,
  session: Session,
  { before, read }: { readonly before: Promise<Read> | undefined; readonly read: () => Promise<Read> },
): Promise<Read> {
  // Whether that one could be read is its asker's to hear.
  await before?.catch(() => {});
  if (session.outbox.queued > 0) await new Promise<void>((resolve) => core.clock.endOfTurn(resolve));
  return session.ended ? refusal('session.closed') : read();
}

/** Reads, then decides again in the turn in which the answer is queued, and item by item for this reader. */
async function readHistory(
  core: Core,
  session: Session,
  name: string,
  which: Pick<HistoryQuery, 'scope' | 'before'>,
): Promise<Read> {
  const { app, principal } = session;
  const ask = (): AccessRequest => ({
    operation: 'history',
    principal,
    now: core.clock.now(),
    name,
    session: session.id,
  });
  const first = ask();
  const decision = core.decide(app, first);
  if (!decision.allowed) return core.refuse(app, first, decision);
  const maxBytes = Math.floor(app.definition.limits.sendBuffer * PAGE_OF_SEND_BUFFER);
  let items: MaybePromise<readonly Publication[]>;
  try {
    const limit = decision.rule?.history ?? 0;
    items = await core.store.history({ app: app.id, channel: name, limit, maxBytes, ...which });
  } catch (error) {
    return refusedStore(core, session, error);
  }
  if (session.ended) return refusal('session.closed');
  const again = ask();
  const now = core.decide(app, again);
  if (!now.allowed) return core.refuse(app, again, now);
  const newest = items.slice(-Math.max(1, now.rule?.history ?? 0));
  const visible = newest.filter(
    ({ audience }) => core.decide(app, { ...again, operation: 'history.item', audience }).allowed,
  );
  return { ok: true, items: visible };
}
