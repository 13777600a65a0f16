import type { Clock, Log, MaybePromise } from '@portcullis/engine';
import type { JwksKeyConfig } from '../key-config.ts';
import type { FetchDocument, Fetched } from '../outbound/fetch-document.ts';
import type { SigningKey } from '../trusted-key.ts';
import { readKeySet } from './key-set.ts';

/** How a key set is kept up to date. Times in ms. */
export interface JwksTiming {
  /** For one fetch as a whole. */
  readonly timeout: number;
  /** The least time between two fetches on account of key ids that the set does not hold. */
  readonly refetchAfter: number;
  /** Between two looks at the set: the longest a removed key may live on. */
  readonly refresh: number;
  /** How long the last set is relied on while newer ones cannot be had. */
  readonly keepFor: number;
}

export const JWKS_TIMING: Omit<JwksTiming, 'timeout' | 'refetchAfter'> = {
  refresh: 5 * 60_000,
  keepFor: 24 * 3_600_000,
};

export interface JwksDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch: FetchDocument;
  readonly timing: JwksTiming;
  /** Bytes of a key set. */
  readonly maxBytes: number;
}

const FIRST_RETRY = 1_000;
const NO_KEYS: readonly SigningKey[] = [];

/** The key set of one entry of one app. Never shared: the same URL in another app is another source. */
export class JwksSource {
  readonly entry: JwksKeyConfig;
  readonly #app: string;
  readonly #deps: JwksDeps;
  readonly #onRemoved: (keys: readonly string[]) => void;
  #keys: readonly SigningKey[] = NO_KEYS;
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #attemptedAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #pending: Promise<void> | undefined;
  #callOff: () => void = () => {};
  #closed = false;

  constructor(app: string, entry: JwksKeyConfig, deps: JwksDeps, onRemoved: (keys: readonly string[]) => void) {
    this.#app = app;
    this.entry = entry;
    this.#deps = deps;
    this.#onRemoved = onRemoved;
  }

  /** Fetches the set, and again and again until `close()`. Resolves when the first attempt is over. */
  start(): Promise<void> {
    return this.#closed ? Promise.resolve() : this.#fetch();
  }

  close(): void {
    this.#closed = true;
    this.#callOff();
  }

  /** The ids of the last set that was had, old as it may be. */
  get ids(): readonly string[] {
    return this.#keys.map((key) => key.id);
  }

  /** Whether the last set holds exactly this key, and is recent enough to be relied on. */
  holds(key: SigningKey): boolean {
    return this.#fresh() && this.#keys.includes(key);
  }

  /** The keys at hand for a key id. A token that names none fits a set of one key only. */
  known(kid: string | undefined): readonly SigningKey[] {
    if (!this.#fresh()) return NO_KEYS;
    if (kid === undefined) return this.#keys.length === 1 ? this.#keys : NO_KEYS;
    return this.#keys.filter((key) => key.kid === kid);
  }

  /** As `known`, after looking once more if that may help. `unavailable`: nobody can tell now whether there is such a key. */
  find(kid: string | undefined): MaybePromise<readonly SigningKey[] | 'unavailable'> {
    const known = this.known(kid);
    if (known.length > 0 || (kid === undefined && this.#fresh())) return known;
    const idle = this.#deps.clock.now() - this.#attemptedAt >= this.#deps.timing.refetchAfter;
    if (!this.#pending && (!idle || this.#closed)) return this.#verdict(kid);
    return this.#fetch().then(() => this.#verdict(kid));
  }

  #verdict(kid: string | undefined): readonly SigningKey[] | 'unavailable' {
    const known = this.known(kid);
    if (known.length > 0) return known;
    return this.#fresh() && this.#failures === 0 ? NO_KEYS : 'unavailable';
  }

  #fresh(): boolean {
    return this.#deps.clock.now() - this.#fetchedAt < this.#deps.timing.keepFor;
  }

  #fetch(): Promise<void> {
    this.#pending ??= this.#attempt().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #attempt(): Promise<void> {
    const { clock, log, timing } = this.#deps;
    this.#callOff();
    this.#attemptedAt = clock.now();
    const answer = await this.#download();
    if (this.#closed) return;
    const keys = answer.ok ? readKeySet(answer.body, this.entry) : undefined;
    this.#failures = keys ? 0 : this.#failures + 1;
    const retry = Math.min(FIRST_RETRY * 2 ** (this.#failures - 1), timing.refetchAfter);
    this.#callOff = clock.after(keys ? timing.refresh : retry, () => {
      this.#fetch().catch((error: unknown) => log.error('identity.refresh-failed', { app: this.#app, error }));
    });
    if (keys) {
      this.#fetchedAt = clock.now();
      this.#replace(keys);
    } else {
      const reason = answer.ok ? 'not-a-key-set' : answer.reason;
      log.warn('identity.jwks-failed', { app: this.#app, key: this.entry.id, reason, failures: this.#failures });
    }
  }

  async #download(): Promise<Fetched> {
    const { clock, fetch, timing, maxBytes } = this.#deps;
    const aborter = new AbortController();
    const callOff = clock.after(timing.timeout, () => aborter.abort());
    try {
      // Raced as well, so that the answer is due in time even if whoever fetches does not listen to the signal.
      return await Promise.race([
        fetch(new URL(this.entry.jwks), { maxBytes, signal: aborter.signal }),
        timedOut(aborter.signal),
      ]);
    } catch {
      return { ok: false, reason: 'unreachable' };
    } finally {
      callOff();
    }
  }

  #replace(keys: readonly SigningKey[]): void {
    const before = new Map(this.#keys.map((key) => [`${key.id} ${key.kid ?? ''}`, key]));
    const old = new Set(this.ids);
    // The same key stays the same object: what was verified with it needs no second look.
    this.#keys = keys.map((key) => before.get(`${key.id} ${key.kid ?? ''}`) ?? key);
    const now = new Set(this.ids);
    const removed = [...old].filter((id) => !now.has(id));
    const { log } = this.#deps;
    if (keys.length === 0) log.warn('identity.jwks-empty', { app: this.#app, key: this.entry.id });
    if (removed.length > 0) this.#onRemoved(removed);
  }
}

function timedOut(signal: AbortSignal): Promise<Fetched> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ ok: false, reason: 'timed-out' }), { once: true });
  });
}
