import type { App } from './app.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { Broker } from './ports/broker.ts';
import type { Clock } from './ports/clock.ts';
import type { Store } from './ports/store.ts';

/**
 * Logs that nobody is joined to are kept live for so many channels of an app: a publish need not ask the store each time, and who
 * comes back to a silent channel is told that nothing was missed.
 */
const IDLE_LOGS = 10_000;

/** How many keys of a channel, and of how many ms, where the app remembers nothing else. */
const KEYS = 1_000;
const AGE = 20 * 60_000;

/** 100 ns units in one millisecond. */
const TICKS_PER_MS = 10_000n;

/** What is known of the durable logs of one app. */
interface Kept {
  /** Channels that have one, also those that are not live. */
  count: number;
  /** Whether a live channel has one, as far as it was asked. */
  readonly known: Map<string, boolean>;
  /** Live channels whose log has a place that was not kept: it has left its durable part. */
  readonly left: Set<string>;
}

/** Sees to it that a channel with history goes on where its durable log ended, and that idle logs are forgotten. */
export class ChannelLogs {
  readonly #broker: Broker;
  readonly #store: Store;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #loading = new Map<App, Map<string, Promise<void>>>();
  /** Channels with a live log and nobody in them, oldest first. */
  readonly #idle = new Map<App, Set<string>>();
  readonly #kept = new Map<App, Kept>();
  readonly #counting = new Map<App, Promise<Kept>>();

  constructor(deps: { readonly broker: Broker; readonly store: Store; readonly clock: Pick<Clock, 'now'> }) {
    this.#clock = deps.clock;
    this.#broker = deps.broker;
    this.#store = deps.store;
  }

  /** Whether the channel's log goes on where its durable part ended: something may be kept in it. */
  isOpen(app: App, channel: string): boolean {
    return this.#broker.has(app.id, channel) && this.#kept.get(app)?.known.has(channel) === true;
  }

  /** Of an open log: whether keeping something in it begins no durable log beyond `limits.historyChannels`. */
  hasRoom(app: App, channel: string): boolean {
    const kept = this.#kept.get(app);
    return kept?.known.get(channel) === true || (kept?.count ?? 0) < app.definition.limits.historyChannels;
  }

  /** Something is handed to the store to be kept; true if that begins the channel's durable log. */
  begin(app: App, channel: string): boolean {
    const kept = this.#kept.get(app);
    kept?.left.delete(channel);
    if (!kept || kept.known.get(channel) === true) return false;
    kept.known.set(channel, true);
    kept.count += 1;
    return true;
  }

  /** Something takes a place without being kept: no offset of the durable log may name it, so another log begins. */
  leave(app: App, channel: string): void {
    const kept = this.#kept.get(app);
    if (kept?.known.get(channel) !== true || kept.left.has(channel)) return;
    kept.left.add(channel);
    this.#broker.renew(app.id, channel);
  }

  /** The store did not keep what was to begin a durable log: what it has is asked again. */
  doubt(app: App): void {
    this.#kept.delete(app);
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
      if (app.channels.has(oldest)) return;
      // Who comes back to it can be told what was missed, as long as its log goes on.
      if (app.window?.has(oldest)) idle.add(oldest);
      else this.#forget(app, oldest);
      return;
    }
  }

  forgetApp(app: App): void {
    for (const channel of this.#idle.get(app) ?? []) this.#forget(app, channel);
    this.#idle.delete(app);
    this.#kept.delete(app);
  }

  #forget(app: App, channel: string): void {
    this.#broker.forget(app.id, channel);
    const kept = this.#kept.get(app);
    kept?.known.delete(channel);
    kept?.left.delete(channel);
  }

  async #load(app: App, channel: string): Promise<void> {
    const [head, kept] = await Promise.all([
      this.#store.head(app.id, channel),
      this.#keptOf(app),
      this.#recall(app, channel),
    ]);
    const restored: MaybePromise<void> = this.#broker.restore(app.id, channel, head);
    await restored;
    if (kept.known.get(channel) !== true) kept.known.set(channel, head !== null);
    // Whoever asked may yet be refused: then nobody else would see to it that the log is forgotten.
    if (!app.channels.has(channel)) this.release(app, channel);
  }

  /** What was published here under keys, so that it is not published again. */
  async #recall(app: App, channel: string): Promise<void> {
    const { messages = KEYS, age = AGE, keys } = app.definition.replay ?? {};
    const after = BigInt(Math.max(0, Math.floor(this.#clock.now() - age))) * TICKS_PER_MS;
    for (const { once, position, timetoken } of await this.#store.keyed({
      app: app.id,
      channel,
      after,
      limit: messages,
    })) {
      app.published.restore(once, { ok: true, position, timetoken }, Number(timetoken / TICKS_PER_MS), keys);
    }
  }

  /** Counted once per app: nothing begins before it is known, and what begins then is counted here. */
  async #keptOf(app: App): Promise<Kept> {
    return this.#kept.get(app) ?? this.#of(this.#counting, app, () => this.#count(app));
  }

  async #count(app: App): Promise<Kept> {
    try {
      const kept: Kept = { count: await this.#store.keptChannels(app.id), known: new Map(), left: new Set() };
      this.#kept.set(app, kept);
      return kept;
    } finally {
      this.#counting.delete(app);
    }
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
