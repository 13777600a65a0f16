/** How many failures in a row shut the way, and for how long nobody is sent along it. */
export interface BreakerSettings {
  readonly failures: number;
  /** ms. */
  readonly pause: number;
}

/** Keeps calls from an endpoint that fails: after a pause one call tries whether it is well again. */
export class Breaker {
  readonly #settings: BreakerSettings;
  #failures = 0;
  #openUntil = 0;
  #trying = false;

  constructor(settings: BreakerSettings) {
    this.#settings = settings;
  }

  /** Whether a call may be made at `now`. Whoever makes one says how it went. */
  mayCall(now: number): boolean {
    if (this.#failures < this.#settings.failures) return true;
    if (now < this.#openUntil || this.#trying) return false;
    this.#trying = true;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#trying = false;
  }

  failed(now: number): void {
    this.#failures += 1;
    this.#trying = false;
    if (this.#failures >= this.#settings.failures) this.#openUntil = now + this.#settings.pause;
  }
}
