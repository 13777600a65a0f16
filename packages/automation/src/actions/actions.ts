import type { Events, OutboxTotal, Store, Told } from '@portcullis/engine';
import { utf8Length } from '@portcullis/policy';
import type { AppActions } from './app-actions.ts';
import { AppListeners, type ListenerDeps } from './app-listeners.ts';
import { Lanes } from './lanes.ts';
import { RunLog } from './run-log.ts';
import type { SenderDeps } from './send/create-sender.ts';
import { tellingStore } from './telling-store.ts';

export interface ActionsDeps extends Omit<ListenerDeps, 'enqueue' | 'nextSeq'>, SenderDeps {
  readonly store: Store;
  /** From 0 to 1. */
  readonly random: () => number;
}

export interface ActionState {
  /** The listener and the action: `name/id`. */
  readonly action: string;
  readonly waiting: number;
  readonly bytes: number;
  /** ms since 1970. */
  readonly oldestAt: number | null;
  readonly failing: boolean;
  readonly done: number;
  readonly failed: number;
  readonly dead: number;
  /** Left out at a limit of the outbox, or because the store failed. */
  readonly dropped: number;
}

/** Sequence numbers begin at the clock, so that those of a process before are smaller. */
const SEQ_PER_MS = 2_048;

/** Listeners and what is done for them, of all apps. */
export class Actions implements Events {
  readonly runs = new RunLog();
  /** The store, through which what is written with entries is heard of. The engine and the doors have to use this one. */
  readonly store: Store;
  readonly #deps: ActionsDeps;
  readonly #apps = new Map<string, AppListeners>();
  readonly #defined = new Map<string, AppActions>();
  readonly #lanes: Lanes;
  #seq = 0;

  constructor(deps: ActionsDeps) {
    this.#deps = deps;
    this.store = tellingStore(deps.store, {
      written: (entries) => this.#lanes.written(entries),
      forgotten: (entries) => this.#forgotten(entries),
    });
    this.#lanes = new Lanes({
      ...deps,
      runs: this.runs,
      levelOf: (app, action) => this.of(app).levelOf(action),
      hopsOf: (app) => this.#defined.get(app)?.limits.actionHops ?? 0,
      onDead: (app) => void this.#trim(app),
    });
  }

  /** Takes note of what waits since the process before. Call once, before the first `define`. */
  resume(totals: readonly OutboxTotal[]): void {
    for (const { app, action, count, bytes, lastSeq } of totals) {
      this.of(app).levelOf(action).begin(count, bytes);
      this.#seq = Math.max(this.#seq, lastSeq);
    }
    this.#lanes.resume(totals);
  }

  of(app: string): AppListeners {
    const known = this.#apps.get(app);
    if (known) return known;
    const made = new AppListeners(app, {
      ...this.#deps,
      nextSeq: () => this.#nextSeq(),
      enqueue: (entries) => this.#enqueue(entries),
    });
    this.#apps.set(app, made);
    return made;
  }

  /** Puts an app's listeners in force. Throws on a filter that cannot be read; then nothing has changed. */
  define(definition: AppActions): void {
    this.of(definition.app).define(definition);
    this.#defined.set(definition.app, definition);
    this.#lanes.define(definition);
  }

  defined(app: string): AppActions | undefined {
    return this.#defined.get(app);
  }

  /** Nobody listens in the app for now; what waits there waits on. */
  suspend(app: string): void {
    this.of(app).silence();
    this.#lanes.remove(app);
    this.#defined.delete(app);
  }

  /** The app is deleted, and its entries with it. */
  forget(app: string): void {
    this.suspend(app);
    this.of(app).levels.clear();
    this.runs.forget(app);
  }

  /** Of every action that is defined, and of those that are not any more and still have something waiting. */
  states(app: string): readonly ActionState[] {
    const lanes = this.#lanes.of(app);
    const listeners = this.of(app);
    const names = new Set([...lanes.keys(), ...listeners.levels.keys()]);
    return [...names].flatMap((action) => {
      const lane = lanes.get(action)?.lane;
      const { counts } = listeners.levelOf(action);
      if (!lane && counts.waiting === 0) return [];
      return { action, ...counts, oldestAt: lane?.oldestAt() ?? null, failing: lane?.failing ?? false };
    });
  }

  get apps(): readonly string[] {
    return [...this.#defined.keys()];
  }

  /** Puts dead letters back. Answers how many there were. */
  async replay(app: string, seqs: readonly number[]): Promise<number> {
    const moves = seqs.map((seq) => ({ seq, to: this.#nextSeq() }));
    const entries = await this.#deps.store.replayLetters(app, moves);
    for (const { action, event } of entries) this.of(app).levelOf(action).begin(1, utf8Length(event));
    this.#lanes.written(entries);
    return entries.length;
  }

  /** Forgets what waits for an action. Answers how much that was. */
  async dropWaiting(app: string, action: string): Promise<number> {
    await this.#lanes.end(app, action);
    const { counts } = this.of(app).levelOf(action);
    const { waiting } = counts;
    counts.waiting = 0;
    counts.bytes = 0;
    await this.#deps.store.dropWaiting(app, action);
    const definition = this.#defined.get(app);
    if (definition) this.#lanes.define(definition);
    return waiting;
  }

  /** Waits a little for what is under way. The rest waits in the store. */
  async stop(): Promise<void> {
    await this.#lanes.stop();
    this.#deps.post.close();
  }

  /** A fresh number, above all that were given. */
  #nextSeq(): number {
    this.#seq = Math.max(this.#seq + 1, Math.floor(this.#deps.clock.now()) * SEQ_PER_MS);
    return this.#seq;
  }

  async #enqueue(entries: Told): Promise<void> {
    try {
      await this.store.enqueue(entries);
    } catch (error) {
      for (const { app, action } of entries) this.of(app).levelOf(action).counts.dropped += 1;
      this.#deps.log.error('action.event-lost', { events: entries.length, error });
    }
  }

  #forgotten(entries: Told): void {
    for (const { app, action, event } of entries) this.of(app).levelOf(action).gone(event);
  }

  async #trim(app: string): Promise<void> {
    const keep = this.#defined.get(app)?.limits.deadLetters;
    if (keep === undefined) return;
    try {
      await this.#deps.store.trimLetters(app, keep);
    } catch (error) {
      this.#deps.log.warn('action.letters-untrimmed', { app, error });
    }
  }
}
