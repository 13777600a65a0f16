/** One session gets so many rosters of a channel in a second (a client may ask twice while it starts); more wait. */
const AT_ONCE = 2;
const WINDOW_MS = 1_000;
/** Past so many channels, those whose second is over are forgotten. */
const REMEMBERED = 64;

/** How often one session was sent rosters. It outlives leaving a channel: coming back is no way to get more. */
export class RosterPace {
  readonly #windows = new Map<string, { readonly from: number; count: number }>();

  /** Counts a roster of the channel at `now` (ms), or answers how many ms it has to wait. */
  wait(channel: string, now: number): number {
    const window = this.#windows.get(channel);
    if (window && now - window.from < WINDOW_MS) {
      if (window.count >= AT_ONCE) return window.from + WINDOW_MS - now;
      window.count += 1;
      return 0;
    }
    if (this.#windows.size >= REMEMBERED) this.#forget(now);
    this.#windows.set(channel, { from: now, count: 1 });
    return 0;
  }

  #forget(now: number): void {
    for (const [channel, { from }] of this.#windows) if (now - from >= WINDOW_MS) this.#windows.delete(channel);
  }
}
