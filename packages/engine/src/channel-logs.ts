import type { App } from './app.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { Broker } from './ports/broker.ts';
import type { Store } from './ports/store.ts';

/** Logs that nobody is joined to are kept live for so many channels of an app, so that a publish need not ask the store each time. */
const IDLE_LOGS = 1_000;

/** Sees to it that a channel with history goes on where its durable log ended, and that idle logs are forgotten. */
export class ChannelLogs {
  readonly #broker: Broker;
  readonly #store: Store;
  readonly #loading = new Map<App, Map<string, Promise<void>>>();
  /** Channels with a live log and nobody in them, oldest first. */
  readonly #idle = new Map<App, Set<string>>();

  constructor(deps: { readonly broker: Broker; readonly store: Store }) {
    this.#broker = deps.broker;
    this.#store = deps.store;
  }

  isLive(app: App, channel: string): boolean {
    return this.#broker.has(app.id, channel);
  }

  /** Rejects with the store's error. */
  async open(app: App, channel: string): Promise<void> {
    const loading = this.#of(this.#loading, app, () => new Map<string, Promise<void>>());
    let load = loading.get(channel);
    if (!load) {
      load = this.#load(app, channel).finally(() => {
        loading.delete(channel);
        if (loading.size === 0) this.#loading.delete(app);
      });
      loading.set(channel, load);
    }
    return load;
  }

  /** Nobody is joined any more, or nobody was when something was published. */
  release(app: App, channel: string): void {
    const idle = this.#of(this.#idle, app, () => new Set<string>());
    idle.delete(channel);
    idle.add(channel);
    if (idle.size <= IDLE_LOGS) return;
    for (const oldest of idle) {
      idle.delete(oldest);
      if (!app.channels.has(oldest)) this.#broker.forget(app.id, oldest);
      return;
    }
  }

  forgetApp(app: App): void {
    for (const channel of this.#idle.get(app) ?? []) this.#broker.forget(app.id, channel);
    this.#idle.delete(app);
  }

  async #load(app: App, channel: string): Promise<void> {
    const head = await this.#store.head(app.id, channel);
    const restored: MaybePromise<void> = this.#broker.restore(app.id, channel, head);
    await restored;
  }

  #of<T>(map: Map<App, T>, app: App, make: () => T): T {
    let value = map.get(app);
    if (value === undefined) {
      value = make();
      map.set(app, value);
    }
    return value;
  }
}
