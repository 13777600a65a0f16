import type { App } from './app.ts';
import type { Core } from './core.ts';
import { isPromise, type MaybePromise } from './maybe-promise.ts';
import type { Happening } from './ports/events.ts';
import type { Draft, Publication } from './publication.ts';

/** 100 ns units in one millisecond. */
const TICKS_PER_MS = 10_000n;

/** Whether and how long a publication is kept. */
export interface Keeping {
  /** The channel's newest so many are kept; 0: this one is not. */
  readonly keep: number;
  /** ms from its own timetoken on; absent: kept by count alone. */
  readonly life?: number | undefined;
  /** Given its place and delivered to nobody. */
  readonly silent?: boolean;
  /** Called in the turn in which it has its place, before it is on disk. */
  readonly placed?: (() => void) | undefined;
  /** Listeners want to know of it: written with it, or before the answer where it is not written itself. */
  readonly happened?: ((publication: Publication) => Happening) | undefined;
}

/**
 * Gives a draft its place under the policy it was decided by, and hands it to the feed: at once, or with `keep` > 0
 * after it is on disk, so that no reader sees what a crash takes back. Rejects with the store's error; the place is
 * then passed over.
 */
export function place(core: Core, app: App, draft: Draft, keeping: Keeping): MaybePromise<Publication | 'stale'> {
  if (draft.logged && keeping.keep === 0) core.logs.leave(app, draft.channel);
  const appended = core.broker.append(draft, app.policy.epoch);
  if (isPromise(appended)) {
    return appended.then((publication) =>
      publication === 'stale' ? publication : hand(core, app, publication, keeping),
    );
  }
  return appended === 'stale' ? appended : hand(core, app, appended, keeping);
}

function hand(core: Core, app: App, publication: Publication, keeping: Keeping): MaybePromise<Publication> {
  keeping.placed?.();
  if (keeping.keep > 0) return keepThenHand(core, app, publication, keeping);
  if (keeping.silent) core.broker.drop(publication);
  const handed = keeping.silent ? publication : published(core, publication);
  if (!keeping.happened) return handed;
  const told = app.events.tell(keeping.happened(publication));
  return isPromise(told) ? told.then(() => handed) : handed;
}

async function keepThenHand(
  core: Core,
  app: App,
  publication: Publication,
  { keep, life, happened }: Keeping,
): Promise<Publication> {
  const { channel } = publication;
  const begins = core.logs.begin(app, channel);
  try {
    const item = {
      publication,
      keep,
      ...(life === undefined ? {} : { expiresAt: Number(publication.timetoken / TICKS_PER_MS) + life }),
    };
    await core.store.append(item, happened && app.events.note(happened(publication)));
  } catch (error) {
    core.broker.drop(publication);
    if (begins) core.logs.doubt(app);
    if (!app.channels.has(channel)) core.logs.release(app, channel);
    throw error;
  }
  return published(core, publication);
}

function published(core: Core, publication: Publication): MaybePromise<Publication> {
  const handed = core.broker.publish(publication);
  return isPromise(handed) ? handed.then(() => publication) : publication;
}
