import type { ServerResponse } from 'node:http';

/** The calls under way that wait for something: they are told when it is no use any more. */
export class OpenCalls {
  readonly #waiting = new Set<AbortController>();

  /** Aborts when the client goes away, or the door closes. */
  signalFor(response: ServerResponse): AbortSignal {
    const controller = new AbortController();
    if (response.destroyed) {
      controller.abort();
      return controller.signal;
    }
    this.#waiting.add(controller);
    response.once('close', () => {
      this.#waiting.delete(controller);
      if (!response.writableFinished) controller.abort();
    });
    return controller.signal;
  }

  endAll(): void {
    for (const controller of this.#waiting) controller.abort();
    this.#waiting.clear();
  }
}
