import type { App } from './app.ts';
import type { Core } from './core.ts';
import { isPromise, type MaybePromise } from './maybe-promise.ts';
import type { Draft, Publication } from './publication.ts';

/**
 * Gives a draft its place under the policy it was decided by, and hands it to the feed: at once, or with `keep` > 0
 * after it is on disk, so that no reader sees what a crash takes back. Rejects with the store's error; the place is
 * then passed over.
 */
export function place(core: Core, app: App, draft: Draft, keep: number): MaybePromise<Publication | 'stale'> {
  const appended = core.broker.append(draft, app.policy.epoch);
  if (isPromise(appended)) {
    return appended.then((publication) => (publication === 'stale' ? publication : hand(core, app, publication, keep)));
  }
  return appended === 'stale' ? appended : hand(core, app, appended, keep);
}

function hand(core: Core, app: App, publication: Publication, keep: number): MaybePromise<Publication> {
  return keep > 0 ? keepThenHand(core, app, publication, keep) : published(core, publication);
}

async function keepThenHand(core: Core, app: App, publication: Publication, keep: number): Promise<Publication> {
  const { channel } = publication;
  const begins = core.logs.begin(app, channel);
  try {
    await core.store.append({ publication, keep });
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
