export type Readiness =
  | { readonly ready: true }
  | { readonly ready: false; readonly reason: 'starting' | 'draining' | 'store' };

/** Where the process stands in its life, and whether its store answers. */
export class Health {
  #stage: 'starting' | 'running' | 'draining' = 'starting';
  #storeFailed = false;

  get starting(): boolean {
    return this.#stage === 'starting';
  }

  started(): void {
    if (this.#stage === 'starting') this.#stage = 'running';
  }

  drain(): void {
    this.#stage = 'draining';
  }

  /** What the last call to the store showed. */
  store(state: 'works' | 'failed'): void {
    this.#storeFailed = state === 'failed';
  }

  readiness(): Readiness {
    if (this.#stage !== 'running') return { ready: false, reason: this.#stage };
    return this.#storeFailed ? { ready: false, reason: 'store' } : { ready: true };
  }
}
