import type { TokenReason } from './options.ts';
import { ownError, PortcullisError } from './portcullis-error.ts';
import type { Ports } from './ports.ts';
import type { Tokens } from './tokens.ts';

/** The token is renewed so long before it ends, in ms, or when a third of its time is left. */
const LEAD = 60_000;
const PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;

/** Renews the token on the live connection: in time, again where it failed, and when the server says that it ended. */
export class Renewal {
  readonly #tokens: Tokens;
  readonly #ports: Ports;
  readonly #swap: (token: string) => Promise<void>;
  readonly #failed: (error: PortcullisError) => void;
  #cancel = () => {};
  #attempt = 0;
  #turn = 0;
  #busy = false;

  constructor(
    tokens: Tokens,
    ports: Ports,
    actions: { swap(token: string): Promise<void>; failed(error: PortcullisError): void },
  ) {
    this.#tokens = tokens;
    this.#ports = ports;
    this.#swap = actions.swap;
    this.#failed = actions.failed;
  }

  get possible(): boolean {
    return this.#tokens.canRenew;
  }

  /** @param left ms until the token ends; absent when it does not */
  plan(left: number | undefined): void {
    this.#attempt = 0;
    this.stop();
    if (left === undefined || !this.#tokens.canRenew) return;
    const lead = Math.min(LEAD, left / 3) * (1 - this.#ports.random() / 4);
    // A backend that hands out what it has at hand is not asked without pause while that ends.
    this.#cancel = this.#ports.after(Math.max(PAUSE, left - lead), () => this.now('refresh'));
  }

  stop(): void {
    this.#turn += 1;
    this.#busy = false;
    this.#cancel();
  }

  /** Renews now, and tries again for as long as the connection lasts. Once at a time, however many ask. */
  now(reason: TokenReason): void {
    if (this.#busy) return;
    this.stop();
    this.#busy = true;
    const turn = this.#turn;
    const done = (error?: PortcullisError): void => {
      if (turn !== this.#turn) return;
      this.#busy = false;
      if (error) this.#tryAgain(reason, error);
    };
    this.once(reason).then(() => done(), done);
  }

  #tryAgain(reason: TokenReason, error: PortcullisError): void {
    const pause = Math.min(LONGEST_PAUSE, PAUSE * 2 ** Math.min(this.#attempt, 10));
    this.#attempt += 1;
    this.#cancel = this.#ports.after(pause * (1 - this.#ports.random() / 2), () => this.now(reason));
    this.#failed(error);
  }

  async once(reason: TokenReason): Promise<void> {
    let token: string | null;
    try {
      token = await this.#tokens.renew(reason);
    } catch (cause) {
      throw cause instanceof PortcullisError ? cause : ownError('client.token-unavailable', undefined, cause);
    }
    if (token !== null) await this.#swap(token);
  }
}
