import { isPromise, type Publication } from '@portcullis/engine';
import { ANONYMOUS } from '@portcullis/policy';
import type { PubNubApp, PubNubDeps } from '../http/call.ts';
import { occupantName } from '../messaging/presence-event.ts';
import { Deltas, type TakenDeltas } from './deltas.ts';
import { isTold } from './told-events.ts';

/** 100 ns units in one millisecond. */
const TICKS_PER_MS = 10_000n;

/** A crowded channel since its counts were announced last. */
interface Crowd {
  readonly deltas: Deltas;
  /** The newest change taken note of. */
  last: bigint;
}

/**
 * Which presence changes readers get one by one. Above `announceMax` occupants none: they are taken note of, and the
 * channel announces its occupancy every `presenceInterval` in which something changed, with the names if the app wants
 * them. A change reaches this through the readers who wait for it, so where nobody does, nothing is announced.
 */
export class Announcements {
  readonly #deps: Pick<PubNubDeps, 'engine' | 'clock' | 'log'>;
  /** By app, then channel. */
  readonly #crowds = new Map<string, Map<string, Crowd>>();

  constructor(deps: Pick<PubNubDeps, 'engine' | 'clock' | 'log'>) {
    this.#deps = deps;
  }

  /** Whether readers get this. Asked once for each reader; a change counts once. */
  shows(app: PubNubApp, publication: Publication): boolean {
    const { presence, channel } = publication;
    const { announceMax, presenceEvents } = app.settings;
    if (publication.kind !== 'presence') return true;
    if (presence === undefined) {
      return publication.door === undefined && isTold(presenceEvents, channel, 'interval');
    }
    // Another device of a user who is here, or one who only states the id: on a wire that lists users, nothing happened.
    if (!presence.occupantChanged) return false;
    const told = isTold(presenceEvents, channel, presence.action);
    if (presence.action === 'state-change') return told;
    const crowded = presence.action === 'join' ? presence.occupancy : presence.occupancy + 1;
    if (crowded <= announceMax) return told;
    this.#note(app, publication, presence);
    return false;
  }

  #note(
    app: PubNubApp,
    { channel, timetoken }: Publication,
    { action, member }: NonNullable<Publication['presence']>,
  ): void {
    const crowd = this.#crowdOf(app, channel, timetoken);
    if (crowd === undefined || timetoken <= crowd.last || action === 'state-change') return;
    crowd.last = timetoken;
    crowd.deltas.note(action, occupantName(member));
  }

  /** One that is not known is new, unless the change is from before what was announced last: a late reader's catching up. */
  #crowdOf(app: PubNubApp, channel: string, timetoken: bigint): Crowd | undefined {
    const { clock } = this.#deps;
    const { presenceInterval, presenceDeltas, presenceDeltasBytes } = app.settings;
    const crowds = this.#crowds.get(app.app) ?? new Map<string, Crowd>();
    const known = crowds.get(channel);
    if (known) return known;
    if (timetoken < BigInt(Math.floor(clock.now() - presenceInterval)) * TICKS_PER_MS) return undefined;
    const crowd: Crowd = { deltas: new Deltas(presenceDeltas ? presenceDeltasBytes : 0), last: 0n };
    crowds.set(channel, crowd);
    this.#crowds.set(app.app, crowds);
    clock.after(presenceInterval, () => this.#announce(app, channel, crowd));
    return crowd;
  }

  /** Forgets a channel on which nothing changed since the last time. */
  #announce(app: PubNubApp, channel: string, crowd: Crowd): void {
    if (!crowd.deltas.any) {
      const crowds = this.#crowds.get(app.app);
      crowds?.delete(channel);
      if (crowds?.size === 0) this.#crowds.delete(app.app);
      return;
    }
    this.#deps.clock.after(app.settings.presenceInterval, () => this.#announce(app, channel, crowd));
    try {
      this.#publish(app.app, channel, crowd.deltas.take());
    } catch (error) {
      // The app can have been removed in the meantime.
      this.#deps.log.warn('pubnub.announcement-failed', { app: app.app, error });
    }
  }

  #publish(app: string, channel: string, changes: TakenDeltas): void {
    const { engine, clock, log } = this.#deps;
    const timestamp = Math.floor(clock.now() / 1_000);
    const { occupancy } = engine.hereNow(app, channel);
    const events = engine.events(app);
    if (events.hears('presence.counted')) {
      const { join = [], leave = [], timeout = [] } = changes;
      const data = { occupancy, joined: join, left: [...leave, ...timeout] };
      void events.tell({ type: 'presence.counted', principal: ANONYMOUS, channel, data });
    }
    const announced = engine.announce({
      app,
      channel,
      kind: 'presence',
      audience: { to: 'presence' },
      sender: null,
      data: JSON.stringify({ action: 'interval', timestamp, occupancy, ...changes }),
      logged: false,
    });
    if (isPromise(announced)) {
      announced.catch((error: unknown) => log.warn('pubnub.announcement-failed', { app, error }));
    }
  }
}
