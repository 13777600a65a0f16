import type { App } from './app.ts';
import type { Core } from './core.ts';
import type { Position, Publication } from './publication.ts';

/** What a channel keeps, as it was read for those who come back. */
export interface Stored {
  /** The newest, oldest first. */
  readonly items: readonly Publication[];
  /** Everything kept up to here was there to be read. */
  readonly upTo: Position;
}

/** Payload bytes read for those who come back to one channel: who missed more is told of a gap. */
const BYTES_MOST = 16 * 1024 * 1024;

/** Reads under way. Those who come back to one channel at the same time share one. */
const reading = new WeakMap<App, Map<string, Promise<Stored>>>();

/** The newest `keep` items and one more, by which it shows whether all newer ones are here. Rejects with the store's error. */
export function readStored(core: Core, app: App, channel: string, keep: number): Promise<Stored> {
  const ofApp = reading.get(app) ?? new Map<string, Promise<Stored>>();
  reading.set(app, ofApp);
  const key = `${keep} ${channel}`;
  const underWay = ofApp.get(key);
  if (underWay) return underWay;
  // Before it is read: what was handed out by now is on disk.
  const upTo = core.broker.feed(app.id, channel).position;
  const query = { app: app.id, channel, scope: { of: 'channel' }, now: core.clock.now() } as const;
  const read = core.store
    .history({ ...query, limit: keep + 1, maxBytes: BYTES_MOST })
    .then((items) => ({ items, upTo }))
    .finally(() => ofApp.delete(key));
  ofApp.set(key, read);
  return read;
}

/**
 * What of it has a place behind `from`; `null` when something may be missing in between. `proven`: the reader is a user, to
 * whom others may have said something that is kept apart: then no place may be without its item.
 */
export function missedInStore({ items, upTo }: Stored, from: Position, proven: boolean): readonly Publication[] | null {
  const { epoch, offset } = from;
  if (epoch !== upTo.epoch) return null;
  const ofLog = items.flatMap((item) => (item.position?.epoch === epoch ? [{ item, at: item.position.offset }] : []));
  const missed = ofLog.filter(({ at }) => at > offset && at <= upTo.offset).map(({ item }) => item);
  const [oldest] = ofLog;
  // Items go from the oldest on: when one is here that was seen, or the first that was not, so is every newer one.
  const all = oldest !== undefined && oldest.at <= offset + 1;
  return all && (!proven || missed.length === upTo.offset - offset) ? missed : null;
}
