import { type AccessRequest, utf8Length } from '@portcullis/policy';
import { type Core, refusal } from './core.ts';
import { notify } from './delivery.ts';
import { expireDue } from './expire-due.ts';
import type { HistoryOutcome, Refused } from './outcome.ts';
import { noteHanded } from './page-pace.ts';
import type { HistoryPage } from './ports/outlet.ts';
import type { HistoryQuery } from './ports/store.ts';
import type { Publication } from './publication.ts';
import type { Session } from './session.ts';
import { settleIfMarked } from './settle-channel.ts';
import { refusedStore } from './store-errors.ts';

/** A page of history stays within this part of what a session may owe, so that asking for it never cuts the asker. */
const PAGE_OF_SEND_BUFFER = 0.5;

export interface Which extends Pick<HistoryQuery, 'scope' | 'before' | 'after'> {
  readonly name: string;
  /** At most so many; absent: as many as are kept. */
  readonly limit?: number;
  readonly join: boolean;
  readonly ref?: number;
}

/** A page as it is sent, and what it needs to be decided again. */
export interface Page {
  readonly notice: HistoryPage;
  /** The newest so many were to be had when it was read. */
  readonly among: number;
}

/** Reads, then decides again, item by item for this reader, in the turn in which `deliver` queues the answer. */
export async function readPage(
  core: Core,
  session: Session,
  which: Which,
  deliver: (page: Page) => void,
): Promise<HistoryOutcome> {
  const { app } = session;
  const { name, join, ref } = which;
  const first = question(core, session, name);
  const decided = core.decide(app, first);
  const decision = session.subs.has(name) ? decided : app.admissions.subtract(first, decided, 'refuse');
  if (!decision.allowed) return core.refuse(app, first, decision);
  const among = decision.rule?.history ?? 0;
  let read: Read;
  try {
    read = await readItems(core, session, which, among);
  } catch (error) {
    return refusedStore(core, session, error);
  }
  catchUp(core, session, name);
  if (session.ended) return refusal('session.closed');
  const seen = visible(core, session, name, read.items, among);
  if (!seen.ok) return seen;
  // Nothing of it is for this reader, and there may be more behind it.
  const next = seen.items.length === 0 && read.more && !join ? beyond(which, read.items) : null;
  if (next) return readPage(core, session, next, deliver);
  const notice = { type: 'history', channel: name, items: seen.items, join, more: read.more && !join } as const;
  deliver({ notice: ref === undefined ? notice : { ...notice, ref }, among });
  return { ok: true };
}

interface Read {
  readonly items: readonly Publication[];
  /** There may be more in the direction asked. */
  readonly more: boolean;
}

/** Towards the newer where only `after` is given, otherwise towards the older. */
const isForward = ({ before, after }: Which): boolean => after !== undefined && before === undefined;

async function readItems(core: Core, session: Session, which: Which, among: number): Promise<Read> {
  const { app } = session;
  const { scope, before, after } = which;
  const { sendBuffer, message } = app.definition.limits;
  const maxBytes = Math.floor(sendBuffer * PAGE_OF_SEND_BUFFER);
  const limit = Math.max(0, Math.min(which.limit ?? among, among));
  const forward = isForward(which);
  const items = await core.store.history({
    app: app.id,
    channel: which.name,
    scope,
    limit: limit + 1,
    // What a join brings ends where it entered, however many came since.
    ...(which.join ? {} : { among }),
    from: forward ? 'oldest' : 'newest',
    maxBytes,
    now: core.clock.now(),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  });
  if (items.length > limit) return { items: forward ? items.slice(0, limit) : items.slice(1), more: true };
  const bytes = items.reduce((sum, { data }) => sum + utf8Length(data), 0);
  return { items, more: items.length > 0 && bytes > maxBytes - message };
}

/** The page behind these items; `null` where there is none. */
function beyond(which: Which, items: readonly Publication[]): Which | null {
  const edge = isForward(which) ? items.at(-1) : items[0];
  if (!edge) return null;
  return isForward(which) ? { ...which, after: edge.timetoken } : { ...which, before: edge.timetoken };
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
  among: number,
): { readonly ok: true; readonly items: readonly Publication[] } | Refused {
  const { app } = session;
  if (session.lapsed !== null) return refusal(session.lapsed);
  const request = question(core, session, name);
  const decision = core.decide(app, request);
  if (!decision.allowed) return core.refuse(app, request, decision);
  const kept = decision.rule?.history ?? 0;
  // Fewer are kept by now: how many newer ones than these there are, this page cannot tell.
  const newest = kept < among ? items.slice(-Math.max(1, kept)) : items;
  const seen = newest.filter(
    ({ audience }) => core.decide(app, { ...request, operation: 'history.item', audience }).allowed,
  );
  return { ok: true, items: seen };
}

/** Queues a page. One that a slow reader is handed under another policy, or to another proof, is decided again. */
export function sendPage(core: Core, session: Session, { notice, among }: Page): void {
  const { principal } = session;
  const { policy } = session.app;
  const renew = (bytes: Uint8Array) => {
    if (session.app.policy === policy && session.principal === principal) return bytes;
    const seen = visible(core, session, notice.channel, notice.items, among);
    if (!seen.ok) return null;
    return seen.items.length === notice.items.length ? bytes : session.codec.notice({ ...notice, items: seen.items });
  };
  noteHanded(core, session, notice.items);
  notify(core, session, notice, renew);
}
