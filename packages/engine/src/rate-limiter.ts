/** Token buckets by key: each key may spend `count` at once and earns it back over a window. */
export class RateLimiter {
  readonly #buckets = new Map<string, { left: number; at: number }>();
  readonly #count: number;
  readonly #window: number;
  readonly #most: number;

  /**
   * `count` may be `Infinity` (off); `window` in ms, a second when absent. At most `most` keys are remembered; the
   * longest unused goes first.
   */
  constructor(
    count: number,
    { window = 1_000, most = 10_000 }: { readonly window?: number; readonly most?: number } = {},
  ) {
    this.#count = count;
    this.#window = window;
    this.#most = most;
  }

  get off(): boolean {
    return this.#count === Number.POSITIVE_INFINITY;
  }

  /** What counts when the limit is `count`: another limit begins anew, the same goes on. */
  under(count: number): RateLimiter {
    return count === this.#count ? this : new RateLimiter(count, { window: this.#window, most: this.#most });
  }

  /** Spends one; `false` when nothing is left. `now` in ms. */
  spend(key: string, now: number): boolean {
    if (this.off) return true;
    const bucket = this.#buckets.get(key) ?? { left: this.#count, at: now };
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    bucket.left = Math.min(this.#count, bucket.left + ((now - bucket.at) / this.#window) * this.#count);
    bucket.at = now;
    if (this.#buckets.size > this.#most) this.#forgetOldest();
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    return true;
  }

  #forgetOldest(): void {
    for (const key of this.#buckets.keys()) {
      this.#buckets.delete(key);
      return;
    }
  }
}
