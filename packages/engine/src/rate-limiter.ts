/** Token buckets by key: each key may spend `perSecond` at once and earns it back over a second. */
export class RateLimiter {
  readonly #buckets = new Map<string, { left: number; at: number }>();
  readonly #perSecond: number;
  readonly #most: number;

  /** `perSecond` may be `Infinity` (off). At most `most` keys are remembered; the longest unused goes first. */
  constructor(perSecond: number, most = 10_000) {
    this.#perSecond = perSecond;
    this.#most = most;
  }

  get off(): boolean {
    return this.#perSecond === Number.POSITIVE_INFINITY;
  }

  /** Spends one; `false` when nothing is left. `now` in ms. */
  spend(key: string, now: number): boolean {
    if (this.off) return true;
    const bucket = this.#buckets.get(key) ?? { left: this.#perSecond, at: now };
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    bucket.left = Math.min(this.#perSecond, bucket.left + ((now - bucket.at) / 1000) * this.#perSecond);
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
