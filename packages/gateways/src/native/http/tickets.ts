import type { Clock } from '@portcullis/engine';
import type { Principal } from '@portcullis/policy';

/** How long a ticket may wait for its stream, ms. */
export const TICKET_LIFE = 30_000;
/** Tickets of all apps that wait at once; beyond it the oldest is forgotten. */
const TICKETS_MOST = 10_000;

interface Ticket {
  readonly app: string;
  readonly principal: Principal;
  /** ms since 1970. */
  readonly endsAt: number;
}

/**
 * What stands for a proof in the address of a stream, where a browser cannot send a header: good once, for half a
 * minute, at this process. Whoever it stands for is decided anew when it is used.
 */
export class Tickets {
  readonly #clock: Clock;
  readonly #nonce: () => string;
  /** In the order they were given out, and so end. */
  readonly #waiting = new Map<string, Ticket>();

  constructor(clock: Clock, nonce: () => string) {
    this.#clock = clock;
    this.#nonce = nonce;
  }

  give(app: string, principal: Principal): { readonly ticket: string; readonly endsAt: number } {
    this.#forgetOld();
    const ticket = this.#nonce();
    const endsAt = Math.floor(this.#clock.now()) + TICKET_LIFE;
    this.#waiting.set(ticket, { app, principal, endsAt });
    return { ticket, endsAt };
  }

  /** Whom a ticket stands for; it is used up. */
  take(app: string, name: string): Principal | undefined {
    const ticket = this.#waiting.get(name);
    this.#waiting.delete(name);
    if (!ticket || ticket.app !== app || ticket.endsAt <= this.#clock.now()) return undefined;
    return ticket.principal;
  }

  #forgetOld(): void {
    const now = this.#clock.now();
    for (const [name, { endsAt }] of this.#waiting) {
      if (endsAt > now && this.#waiting.size < TICKETS_MOST) return;
      this.#waiting.delete(name);
    }
  }
}
