import type { ServerResponse } from 'node:http';
import { Slot } from '../../shared/slot.ts';

/** A call that waits for something. */
export interface Waiter {
  /** It is of no use any more: the client went away, or the door closes. Called once at most. */
  gone(): void;
}

/** The calls under way that wait for something: they are told when it is no use any more. */
export class OpenCalls {
  readonly #waiting = new Set<Waiter>();
  #ended = false;
  readonly #waiterOf = new Slot<ServerResponse, Waiter>();
  /** One listener for all of them. */
  readonly #closed: (this: ServerResponse) => void;

  constructor() {
    const calls = this;
    this.#closed = function (this: ServerResponse) {
      calls.#left(this);
    };
  }

  /** One for each response. Told in this very call when the client is gone already. */
  add(waiter: Waiter, response: ServerResponse): void {
    if (response.destroyed) {
      waiter.gone();
      return;
    }
    this.#waiting.add(waiter);
    this.#waiterOf.set(response, waiter);
    response.on('close', this.#closed);
  }

  /** Whether the door has closed. */
  get ended(): boolean {
    return this.#ended;
  }

  endAll(): void {
    this.#ended = true;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const waiter of waiting) waiter.gone();
  }

  #left(response: ServerResponse): void {
    const waiter = this.#waiterOf.of(response);
    if (waiter && this.#waiting.delete(waiter) && !response.writableFinished) waiter.gone();
  }
}
