import { ownText } from './own-text.ts';

/**
 * ms after its first use in which a signature may come again, where nothing in the request tells two equal calls apart:
 * one signs whole seconds, so that two calls of one second are one text. That second, and as much again for their ways here.
 */
export const REPEATS_FOR = 2_000;

/** ms of signatures that are remembered whatever `most` says; if not even these fit, changes are refused. */
const KEPT_AT_LEAST = 5_000;

export interface SignatureUse {
  readonly signature: string;
  /** Its timestamp, in seconds since 1970. */
  readonly seconds: number;
  /** Something in the request makes it the only one of its kind: it counts once. */
  readonly once: boolean;
  readonly now: number;
  /** See `PubNubSettings`. */
  readonly window: number;
  readonly most: number;
}

/** `too-early`: it may have been used and forgotten. `full`: too many were used just now. */
export type UseOutcome = 'taken' | 'replayed' | 'too-early' | 'full';

/** Remembers signatures for as long as they could come again, and takes none from a time of which it remembers nothing. */
export class ReplayGuard {
  readonly #since: number;
  readonly #apps = new Map<string, Used>();

  /** @param now its time begins with this second: clients sign whole ones. */
  constructor(now: number) {
    this.#since = Math.floor(now / 1_000);
  }

  /** Uses a signature up. Only for one that was verified. */
  use(app: string, use: SignatureUse): UseOutcome {
    const used = this.#apps.get(app) ?? new Used(this.#since);
    this.#apps.set(app, used);
    return used.use(use);
  }
}

/** Those of one app. */
class Used {
  /** The first second of which all signatures are remembered. */
  #since: number;
  /** By second, each with the instant until which it may come again. */
  readonly #seconds = new Map<number, Map<string, number>>();
  #size = 0;
  #tidied = 0;

  constructor(since: number) {
    this.#since = since;
  }

  use({ signature, seconds, once, now, window, most }: SignatureUse): UseOutcome {
    this.#tidy(now, window);
    if (seconds < this.#since) return 'too-early';
    const until = this.#seconds.get(seconds)?.get(signature);
    if (until !== undefined) return !once && now <= until ? 'taken' : 'replayed';
    while (this.#size >= most) {
      const oldest = Math.min(...this.#seconds.keys());
      if (oldest * 1_000 > now - KEPT_AT_LEAST) return 'full';
      this.#forget(oldest);
    }
    // What was forgotten to make room may have been its own second.
    if (seconds < this.#since) return 'too-early';
    const same = this.#seconds.get(seconds) ?? new Map<string, number>();
    this.#seconds.set(seconds, same);
    same.set(ownText(signature), once ? 0 : now + REPEATS_FOR);
    this.#size += 1;
    return 'taken';
  }

  /** Forgets what could not come again under this window, and keeps it from coming again under a wider one. */
  #tidy(now: number, window: number): void {
    const second = Math.floor(now / 1_000);
    if (second === this.#tidied) return;
    this.#tidied = second;
    for (const old of [...this.#seconds.keys()]) if (old * 1_000 + window < now) this.#forget(old);
  }

  #forget(second: number): void {
    this.#size -= this.#seconds.get(second)?.size ?? 0;
    this.#seconds.delete(second);
    this.#since = Math.max(this.#since, second + 1);
  }
}
