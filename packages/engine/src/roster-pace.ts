/** One session gets so many rosters of a channel in a second (a client may ask twice while it starts); more wait. */
const AT_ONCE = 2;
const WINDOW_MS = 1_000;

interface Window {
  /** ms since 1970. */
  readonly from: number;
  count: number;
}

/**
 * How often sessions were sent rosters. It outlives leaving a channel: coming back is no way to get more. Kept here and
 * not with each session, so that what is older than its second is forgotten.
 */
export class RosterPace {
  /** Every window that is not over began in one of the two. */
  #young = new Map<string, Window>();
  #old = new Map<string, Window>();
  /** When the younger one was begun. */
  #since = 0;

  /** Counts a roster of the channel for the session at `now` (ms), or answers how many ms it has to wait. */
  wait(session: string, channel: string, now: number): number {
    this.#forget(now);
    const key = `${session}\u0000${channel}`;
    const window = this.#young.get(key) ?? this.#old.get(key);
    if (!window || now - window.from >= WINDOW_MS) {
      this.#young.set(key, { from: now, count: 1 });
      return 0;
    }
    if (window.count >= AT_ONCE) return window.from + WINDOW_MS - now;
    window.count += 1;
    return 0;
  }

  #forget(now: number): void {
    if (now - this.#since < WINDOW_MS) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#since = now;
  }
}
