import type { ConnectOptions, TokenReason } from './options.ts';

/** The token in use, and how another is come by. */
export class Tokens {
  readonly #options: ConnectOptions;
  #token: string | null | undefined;
  #asked: Promise<string | null> | undefined;
  #reason: TokenReason = 'connect';
  #fresh = false;

  constructor(options: ConnectOptions) {
    this.#options = options;
    this.#token = options.token;
  }

  get canRenew(): boolean {
    return this.#options.getToken !== undefined;
  }

  /** The one to connect with: the last, unless it is spent. Rejects with what `getToken` threw. */
  async current(): Promise<string | null> {
    return this.#token ?? (await this.renew(this.#reason));
  }

  /** Asks for another; once at a time. Without `getToken` the one given stands. */
  renew(reason: TokenReason): Promise<string | null> {
    const { getToken, token } = this.#options;
    if (!getToken) return Promise.resolve(token ?? null);
    this.#asked ??= (async () => getToken(reason))()
      .then((got) => {
        this.#token = got;
        this.#fresh = true;
        return got;
      })
      .finally(() => {
        this.#asked = undefined;
      });
    return this.#asked;
  }

  accepted(): void {
    this.#fresh = false;
    this.#reason = 'connect';
  }

  /** The one in use no longer holds. Answers whether another may be had: not if this one came a moment ago. */
  spend(reason: TokenReason): boolean {
    const another = this.canRenew && !(reason === 'refused' && this.#fresh);
    this.#token = undefined;
    this.#reason = reason;
    return another;
  }
}
