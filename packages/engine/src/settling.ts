import type { App } from './app.ts';
import type { Core } from './core.ts';
import { settleChannel, settleSession } from './settle.ts';

/** Settling gives way to deliveries after so long. */
const SLICE_MS = 5;

/** Decides again, in slices, what changes of authority marked, so that clients are told soon. */
export class Settling {
  readonly #core: Core;
  readonly #begun = new Map<App, { readonly at: number; subs: number }>();
  #scheduled = false;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Settles the first slice in this turn; small changes are told before they are acknowledged. */
  start(app: App): void {
    if (!this.#begun.has(app)) this.#begun.set(app, { at: this.#core.clock.now(), subs: 0 });
    this.#slice();
  }

  #slice(): void {
    const deadline = this.#core.clock.now() + SLICE_MS;
    for (const [app, progress] of this.#begun) {
      progress.subs += settleSome(this.#core, app, deadline);
      if (app.dirtySessions.size > 0 || app.dirtyChannels.size > 0) {
        this.#again();
        return;
      }
      this.#begun.delete(app);
      this.#core.meter.settled(app.id, progress.subs, this.#core.clock.now() - progress.at);
    }
  }

  #again(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#core.clock.after(0, () => {
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
