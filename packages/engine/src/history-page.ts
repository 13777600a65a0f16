import type { AccessRequest } from '@portcullis/policy';
import { type Core, refusal } from './core.ts';
import { notify } from './delivery.ts';
import { expireDue } from './expire-due.ts';
import type { HistoryOutcome, Refused } from './outcome.ts';
import type { HistoryQuery } from './ports/store.ts';
import type { Publication } from './publication.ts';
import type { Session } from './session.ts';
import { settleIfMarked } from './settle.ts';
import { refusedStore } from './store-errors.ts';

/** A page of history stays within this part of what a session may owe, so that asking for it never cuts the asker. */
const PAGE_OF_SEND_BUFFER = 0.5;

/** The newest page that each session asked for, while it is being read. */
const reading = new WeakMap<Session, Promise<HistoryOutcome>>();

/** Pages of one session are read one at a time, and never in the turn in which it left another: so a reader that takes none is cut after a few. */
export async function nextPage(
  core: Core,
  session: Session,
  read: () => Promise<HistoryOutcome>,
): Promise<HistoryOutcome> {
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
  {
    before,
    read,
  }: { readonly before: Promise<HistoryOutcome> | undefined; readonly read: () => Promise<HistoryOutcome> },
): Promise<HistoryOutcome> {
  // Whether that one could be read is its asker's to hear.
  await before?.catch(() => {});
  if (session.outbox.queued > 0) await new Promise<void>((resolve) => core.clock.endOfTurn(resolve));
  return session.ended ? refusal('session.closed') : read();
}

type Which = Pick<HistoryQuery, 'scope' | 'before'> & { readonly name: string };

/** Reads, then decides again, item by item for this reader, in the turn in which `deliver` queues the answer. */
export async function readPage(
  core: Core,
  session: Session,
  { name, ...which }: Which,
  deliver: (items: readonly Publication[]) => void,
): Promise<HistoryOutcome> {
  const { app } = session;
  const first = question(core, session, name);
  const decision = core.decide(app, first);
  if (!decision.allowed) return core.refuse(app, first, decision);
  const maxBytes = Math.floor(app.definition.limits.sendBuffer * PAGE_OF_SEND_BUFFER);
  let items: readonly Publication[];
  try {
    const limit = decision.rule?.history ?? 0;
    items = await core.store.history({ app: app.id, channel: name, limit, maxBytes, now: core.clock.now(), ...which });
  } catch (error) {
    return refusedStore(core, session, error);
  }
  catchUp(core, session, name);
  if (session.ended) return refusal('session.closed');
  const seen = visible(core, session, name, items);
  if (!seen.ok) return seen;
  deliver(seen.items);
  return { ok: true };
}

/** After an await the world has moved: what has expired or is marked is decided again first. */
export function catchUp(core: Core, session: Session, name: string): void {
  settleIfMarked(core, session, name);
  expireDue(core);
}

function question(core: Core, session: Session, name: string): AccessRequest {
  return {
    operation: 'history',
    principal: session.principal,
    now: core.clock.now(),
    name,
    session: session.id,
  };
}

/** What of the items the session may see under the policy as it stands. */
function visible(
  core: Core,
  session: Session,
  name: string,
  items: readonly Publication[],
): { readonly ok: true; readonly items: readonly Publication[] } | Refused {
  const { app } = session;
  const request = question(core, session, name);
  const decision = core.decide(app, request);
  if (!decision.allowed) return core.refuse(app, request, decision);
  const newest = items.slice(-Math.max(1, decision.rule?.history ?? 0));
  const seen = newest.filter(
    ({ audience }) => core.decide(app, { ...request, operation: 'history.item', audience }).allowed,
  );
  return { ok: true, items: seen };
}

/** Queues a page. One that a slow reader is handed under another policy is decided again. */
export function sendPage(core: Core, session: Session, name: string, items: readonly Publication[]): void {
  const { policy } = session.app;
  const renew = (bytes: Uint8Array) => {
    if (session.app.policy === policy) return bytes;
    const seen = visible(core, session, name, items);
    if (!seen.ok) return null;
    return seen.items.length === items.length ? bytes : session.codec.notice(pageOf(name, seen.items));
  };
  notify(core, session, pageOf(name, items), renew);
}

function pageOf(channel: string, items: readonly Publication[]) {
  return { type: 'history', channel, items } as const;
}
