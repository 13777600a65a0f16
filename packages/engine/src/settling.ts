import type { App } from './app.ts';
import type { Core } from './core.ts';
import { uncorkAll } from './delivery.ts';
import { settleSession } from './settle.ts';
import { settleChannel } from './settle-channel.ts';

/** Settling gives way to deliveries after so long. */
const SLICE_MS = 5;

interface Progress {
  readonly at: number;
  subs: number;
  readonly waiting: (() => void)[];
}

/** Decides again, in slices, what changes of authority marked, so that clients are told soon. */
export class Settling {
  readonly #core: Core;
  /** The app that has waited longest first. */
  readonly #begun = new Map<App, Progress>();
  #scheduled = false;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Settles the first slice in this turn; small changes are told before they are acknowledged. */
  start(app: App): void {
    if (!this.#begun.has(app)) this.#begun.set(app, { at: this.#core.clock.now(), subs: 0, waiting: [] });
    this.#slice();
    uncorkAll(this.#core);
  }

  /** Resolves when nothing of the app is left to be decided again; `undefined` when nothing is. */
  finished(app: App): Promise<void> | undefined {
    const progress = this.#begun.get(app);
    return progress && new Promise((resolve) => progress.waiting.push(resolve));
  }

  #slice(): void {
    const deadline = this.#core.clock.now() + SLICE_MS;
    for (const [app, progress] of [...this.#begun]) {
      progress.subs += this.#settleSome(app, deadline);
      this.#begun.delete(app);
      if (app.dirtySessions.size > 0 || app.dirtyChannels.size > 0) {
        // Behind the others: one large app keeps nobody else waiting.
        this.#begun.set(app, progress);
        this.#again();
        return;
      }
      for (const resolve of progress.waiting) resolve();
      this.#core.meter.settled(app.id, progress.subs, this.#core.clock.now() - progress.at);
    }
  }

  /** One that fails (its door cannot word it) keeps none of the others waiting: it is off the marked ones by then. */
  #settleSome(app: App, deadline: number): number {
    try {
      return settleSome(this.#core, app, deadline);
    } catch (error) {
      this.#core.log.error('settling.failed', { app: app.id, error });
      return 1;
    }
  }

  #again(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // In the turn after this one: a timer would come a millisecond later, and there are hundreds of slices.
    this.#core.clock.endOfTurn(() => {
      this.#scheduled = false;
      this.#slice();
    });
  }
}

function settleSome(core: Core, app: App, deadline: number): number {
  let settled = 0;
  for (const session of app.dirtySessions) {
    app.dirtySessions.delete(session);
    settled += settleSession(core, session);
    if (core.clock.now() >= deadline) return settled;
  }
  for (const channel of app.dirtyChannels) {
    settled += settleChannel(core, channel, deadline);
    if (!channel.dirty) app.dirtyChannels.delete(channel);
    if (core.clock.now() >= deadline) return settled;
  }
  return settled;
}
