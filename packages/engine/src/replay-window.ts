import type { Position, Publication, Timetoken } from './publication.ts';
import { Remembered } from './remembered.ts';

/** How much of each channel is remembered for readers that come and go. */
export interface ReplayLimits {
  /** Newest publications per channel; changes of presence are counted apart. */
  readonly messages: number;
  /** ms. */
  readonly age: number;
  /** Bytes of all channels of the app together, about; absent: 256 MiB. Channels that were silent longest go first. */
  readonly memory?: number;
  /** Keys of publishes that are remembered, so that a repetition is noticed; absent: 100 000. */
  readonly keys?: number;
}

/** A publication with its place in this node's order of arrival, expressed as a timetoken: strictly increasing per app. */
export interface Arrival {
  readonly publication: Publication;
  readonly stamp: Timetoken;
  /** ms since 1970. */
  readonly at: number;
}

const MEMORY = 256 * 1024 * 1024;
/** Channels an app remembers at most; the one that was silent longest goes first. */
const CHANNELS_MOST = 100_000;
/** How often what is too old to catch up with is forgotten, ms. */
const SWEEP_MS = 60_000;

/** The newest publications of each channel of one app, in order of arrival at this node. */
export class ReplayWindow {
  /** Everything that arrived later than this was seen here. */
  readonly origin: Timetoken;
  #limits: ReplayLimits;
  /** Silent longest first. */
  readonly #channels = new Map<string, Remembered>();
  /** The channel in which something arrived last: the last of them, if it is still there. */
  #newest = '';
  #bytes = 0;
  #stamp: Timetoken = 0n;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(limits: ReplayLimits, origin: Timetoken) {
    this.origin = origin;
    this.#stamp = origin;
    this.#limits = limits;
  }

  get limits(): ReplayLimits {
    return this.#limits;
  }

  /** Other limits hold from what arrives next on. */
  adopt(limits: ReplayLimits): void {
    this.#limits = limits;
  }

  /** The newest stamp given out; readers at the head go on from here. */
  get head(): Timetoken {
    return this.#stamp;
  }

  /** A cursor handed out now is no smaller than this, also where nothing has arrived yet. */
  raise(timetoken: Timetoken): Timetoken {
    if (timetoken > this.#stamp) this.#stamp = timetoken;
    return this.#stamp;
  }

  arrived(publication: Publication, now: number): void {
    const own = publication.timetoken;
    const { channel } = publication;
    this.#stamp = own > this.#stamp ? own : this.#stamp + 1n;
    let known = this.#channels.get(channel);
    if (known === undefined || channel !== this.#newest) {
      known ??= new Remembered();
      this.#channels.delete(channel);
      this.#channels.set(channel, known);
      this.#newest = channel;
    }
    this.#bytes += known.add({ publication, stamp: this.#stamp, at: now }, this.#limits.messages);
    if (now - this.#sweptAt >= SWEEP_MS) this.sweep(now);
    this.#keepWithin(known);
  }

  /** What arrived in a channel after `cursor` and is young enough, oldest first: what was said, or changes of presence. */
  after(channel: string, presence: boolean, cursor: Timetoken, now: number): readonly Arrival[] {
    return this.#channels.get(channel)?.after(presence, cursor, now, this.#limits) ?? [];
  }

  /** All that has a place behind this one in the channel's log as it is now, oldest first; `null` when not all of it is here. */
  since(channel: string, position: Position, now: number): readonly Publication[] | null {
    return this.#channels.get(channel)?.since(position, now, this.#limits) ?? null;
  }

  has(channel: string): boolean {
    return this.#channels.has(channel);
  }

  /** Forgets publications that were deleted. */
  forget(channel: string, timetokens: ReadonlySet<Timetoken>): void {
    this.#bytes -= this.#channels.get(channel)?.forget(timetokens) ?? 0;
  }

  /** Channels that are remembered and begin so. */
  *channelsUnder(prefix: string): Iterable<string> {
    for (const channel of this.#channels.keys()) if (channel.startsWith(prefix)) yield channel;
  }

  /** Forgets what is too old; done now and then. */
  sweep(now: number): void {
    this.#sweptAt = now;
    for (const [channel, known] of this.#channels) {
      this.#bytes -= known.forgetBefore(now - this.#limits.age);
      if (known.empty) this.#channels.delete(channel);
    }
  }

  #keepWithin(newest: Remembered): void {
    const most = this.#limits.memory ?? MEMORY;
    for (const [channel, known] of this.#channels) {
      if (this.#bytes <= most && this.#channels.size <= CHANNELS_MOST) return;
      if (known === newest) {
        while (this.#bytes > most && !known.empty) this.#bytes -= known.forgetHalf();
        return;
      }
      this.#channels.delete(channel);
      this.#bytes -= known.bytes;
    }
  }
}
