import { type Core, refusal } from './core.ts';
import type { HistoryOutcome } from './outcome.ts';
import type { Publication } from './publication.ts';
import type { Session } from './session.ts';

/** The newest page that each session asked for, while it is being read. */
const reading = new WeakMap<Session, Promise<HistoryOutcome>>();
/** What each session was handed last: in which turn, and how much of payloads in it. */
const handed = new WeakMap<Session, { readonly turn: number; readonly size: number }>();

/**
 * Pages of one session are read one at a time, and in one turn no more than a socket is handed at once: a reader that
 * takes none is cut after a few, that one is gone is noticed, and nobody else waits for all that it asked for.
 */
export async function nextPage(
  core: Core,
  session: Session,
  read: () => Promise<HistoryOutcome>,
): Promise<HistoryOutcome> {
  const before = reading.get(session);
  const page = before === undefined && !hadEnough(core, session) ? read() : afterTurn(core, session, { before, read });
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
  if (hadEnough(core, session)) await new Promise<void>((resolve) => core.clock.endOfTurn(resolve));
  return session.ended ? refusal('session.closed') : read();
}

function hadEnough(core: Core, session: Session): boolean {
  if (session.outbox.queued > 0) return true;
  const last = handed.get(session);
  return last?.turn === core.turn && last.size >= session.app.definition.limits.inSocket;
}

/** A page of these items is handed over now. */
export function noteHanded(core: Core, session: Session, items: readonly Publication[]): void {
  const last = handed.get(session);
  const before = last?.turn === core.turn ? last.size : 0;
  handed.set(session, { turn: core.turn, size: items.reduce((size, { data }) => size + data.length, before) });
}
