import type { Publication, Timetoken } from './publication.ts';

/** How much of each channel is remembered for readers that come and go. */
export interface ReplayLimits {
  /** Newest publications per channel. */
  readonly messages: number;
  /** ms. */
  readonly age: number;
}

/** A publication with its place in this node's order of arrival, expressed as a timetoken: strictly increasing per app. */
export interface Arrival {
  readonly publication: Publication;
  readonly stamp: Timetoken;
  /** ms since 1970. */
  readonly at: number;
}

/** Channels an app remembers at most; the one that was silent longest goes first. */
const CHANNELS_MOST = 10_000;

/** The newest publications of each channel of one app, in order of arrival at this node. */
export class ReplayWindow {
  /** Everything that arrived later than this was seen here. */
  readonly origin: Timetoken;
  readonly #limits: ReplayLimits;
  /** Silent longest first. */
  readonly #channels = new Map<string, Arrival[]>();
  #stamp: Timetoken = 0n;

  constructor(limits: ReplayLimits, origin: Timetoken) {
    this.origin = origin;
    this.#stamp = origin;
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

  arrived(publication: Publication, now: number): Arrival {
    const own = publication.timetoken;
    this.#stamp = own > this.#stamp ? own : this.#stamp + 1n;
    const arrival = { publication, stamp: this.#stamp, at: now };
    const kept = this.#channels.get(publication.channel) ?? [];
    this.#channels.delete(publication.channel);
    this.#channels.set(publication.channel, kept);
    kept.push(arrival);
    if (kept.length > this.#limits.messages * 2) kept.splice(0, kept.length - this.#limits.messages);
    if (this.#channels.size > CHANNELS_MOST) this.#forgetOldest();
    return arrival;
  }

  /** What arrived in a channel after `cursor` and is young enough, oldest first. */
  after(channel: string, cursor: Timetoken, now: number): readonly Arrival[] {
    const kept = this.#channels.get(channel) ?? [];
    const newest = kept.slice(-this.#limits.messages);
    return newest.filter(({ stamp, at }) => stamp > cursor && now - at <= this.#limits.age);
  }

  /** Forgets publications that were deleted. */
  forget(channel: string, timetokens: ReadonlySet<Timetoken>): void {
    const kept = this.#channels.get(channel);
    if (kept)
      this.#channels.set(
        channel,
        kept.filter(({ publication }) => !timetokens.has(publication.timetoken)),
      );
  }

  /** Channels that are remembered and begin so. */
  *channelsUnder(prefix: string): Iterable<string> {
    for (const channel of this.#channels.keys()) if (channel.startsWith(prefix)) yield channel;
  }

  /** Forgets what is too old; called now and then. */
  sweep(now: number): void {
    for (const [channel, kept] of this.#channels) {
      const young = kept.findIndex(({ at }) => now - at <= this.#limits.age);
      if (young < 0) this.#channels.delete(channel);
      else if (young > 0) kept.splice(0, young);
    }
  }

  #forgetOldest(): void {
    for (const channel of this.#channels.keys()) {
      this.#channels.delete(channel);
      return;
    }
  }
}
