import { type Clock, isPromise, type Log, type Member, type Publication, type StatelessApi } from '@portcullis/engine';
import { memberText } from './wire-text.ts';

export interface CrowdSettings {
  /** Above so many occupants changes are gathered. */
  readonly announceMax: number;
  /** ms for which they are. */
  readonly interval: number;
}

export interface CrowdDeps {
  readonly engine: Pick<StatelessApi, 'announce' | 'hereNow'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly settingsOf: (app: string) => CrowdSettings;
}

/** Names this door on what it announces: other doors have no use for it. */
export const DOOR = 'native';
/** Bytes of gathered changes at which they are told early. */
const GATHERED_MOST = 16 * 1024;
/** Channels that are remembered as crowded; the oldest goes first. */
const CROWDS_MOST = 10_000;

/** A channel above its limit of occupants. */
interface Crowd {
  /** Places of the first and the newest change gathered. */
  readonly since: bigint;
  last: bigint;
  /** By session, what has become of it. Whoever came and went is not in it. */
  readonly changes: Map<string, { readonly action: 'join' | 'leave' | 'timeout'; readonly member: string }>;
  bytes: number;
}

/**
 * Gathers the changes of crowded channels and tells them together: each for itself, in a channel of a thousand, is a
 * thousand frames for one who comes. They reach this through the codecs, so where nobody reads, nothing is told.
 */
export class Crowds {
  readonly #deps: CrowdDeps;
  readonly #crowds = new Map<string, Crowd>();

  constructor(deps: CrowdDeps) {
    this.#deps = deps;
  }

  /** Whether a change is told by itself. Asked once for each wire and part of a batch; a change counts once. */
  tells(publication: Publication): boolean {
    const { app, channel, timetoken, presence } = publication;
    if (presence === undefined) return false;
    const key = JSON.stringify([app, channel]);
    const known = this.#crowds.get(key);
    if (known && timetoken <= known.last) return timetoken < known.since;
    const { action, member, occupancy, state } = presence;
    const shown: Member = state === undefined ? member : { ...member, state };
    if (action === 'state-change') return !known?.changes.has(member.session) || this.#restate(known, shown, timetoken);
    const crowded = Math.max(occupancy, action === 'join' ? 0 : occupancy + 1) > this.#deps.settingsOf(app).announceMax;
    if (!crowded && !known?.changes.size) {
      this.#crowds.delete(key);
      return true;
    }
    this.#gather(this.#crowdOf(key, app, channel, timetoken), { app, channel, timetoken, action, shown });
    return false;
  }

  #crowdOf(key: string, app: string, channel: string, timetoken: bigint): Crowd {
    const known = this.#crowds.get(key);
    const crowd: Crowd = known ?? { since: timetoken, last: 0n, changes: new Map(), bytes: 0 };
    if (crowd.changes.size === 0) {
      this.#deps.clock.after(this.#deps.settingsOf(app).interval, () => this.#tell(app, channel, crowd));
    }
    if (known) return crowd;
    this.#crowds.set(key, crowd);
    for (const oldest of this.#crowds.keys()) {
      if (this.#crowds.size <= CROWDS_MOST) break;
      this.#crowds.delete(oldest);
    }
    return crowd;
  }

  #gather(
    crowd: Crowd,
    {
      app,
      channel,
      timetoken,
      action,
      shown,
    }: { app: string; channel: string; timetoken: bigint; action: 'join' | 'leave' | 'timeout'; shown: Member },
  ): void {
    crowd.last = timetoken;
    const before = crowd.changes.get(shown.session);
    if (before?.action === 'join' && action !== 'join') {
      crowd.changes.delete(shown.session);
      return;
    }
    const member = memberText(shown);
    crowd.changes.set(shown.session, { action, member });
    crowd.bytes += member.length;
    if (crowd.bytes <= GATHERED_MOST) return;
    crowd.bytes = 0;
    // Never within the encoding of what brought it here.
    this.#deps.clock.endOfTurn(() => this.#tell(app, channel, crowd));
  }

  /** What one who is yet to be told of says of itself is told with it. */
  #restate(crowd: Crowd, shown: Member, timetoken: bigint): false {
    crowd.last = timetoken;
    crowd.changes.set(shown.session, { action: 'join', member: memberText(shown) });
    return false;
  }

  #tell(app: string, channel: string, crowd: Crowd): void {
    if (crowd.changes.size === 0) return;
    const changes = [...crowd.changes.values()];
    crowd.changes.clear();
    crowd.bytes = 0;
    const { engine, log } = this.#deps;
    const failed = (error: unknown) => log.warn('native.announcement-failed', { app, error });
    try {
      const { occupancy } = engine.hereNow(app, channel);
      const texts = changes.map(
        ({ action, member }) =>
          `{"type":"presence","channel":${JSON.stringify(channel)},"action":"${action}","member":${member},"occupancy":${occupancy}}`,
      );
      const announced = engine.announce({
        app,
        channel,
        kind: 'presence',
        audience: { to: 'presence' },
        sender: null,
        data: JSON.stringify(texts),
        door: DOOR,
        logged: false,
      });
      if (isPromise(announced)) announced.catch(failed);
    } catch (error) {
      // The app can have been removed in the meantime.
      failed(error);
    }
  }
}

/** The messages that an announcement of this door holds. */
export function announcedTexts({ data }: Publication): readonly string[] {
  return JSON.parse(data) as readonly string[];
}
