import type { OutboxTotal, Told } from '@portcullis/engine';
import type { AppActions, DefinedListener } from './app-actions.ts';
import { Lane, type LaneDeps } from './lane.ts';
import type { Level } from './levels.ts';
import { createSender, type SenderDeps } from './send/create-sender.ts';
import { type ActionSpec, actionName } from './spec.ts';

export interface LanesDeps extends Omit<LaneDeps, 'onGone' | 'onFailed'>, SenderDeps {
  readonly levelOf: (app: string, action: string) => Level;
  readonly hopsOf: (app: string) => number;
  /** An event of the app was given up. */
  readonly onDead: (app: string) => void;
}

/** ms that attempts under way may take when their action ends. */
const GRACE = 1_000;

interface Running {
  /** Of what it does: two with the same are the same. */
  readonly text: string;
  readonly lane: Lane;
}

/** The lanes of all apps: which run, which end, and what each has to begin with. */
export class Lanes {
  readonly #deps: LanesDeps;
  readonly #apps = new Map<string, Map<string, Running>>();
  /** The newest entry of each action that is known to be written. */
  readonly #heads = new Map<string, number>();
  /** Lanes that end: the next one of the same action waits for it. */
  readonly #ending = new Map<string, Promise<void>>();
  #stopped = false;

  constructor(deps: LanesDeps) {
    this.#deps = deps;
  }

  resume(totals: readonly OutboxTotal[]): void {
    for (const { app, action, lastSeq } of totals) this.#heads.set(keyOf(app, action), lastSeq);
  }

  /** Runs what is defined and ends what is not any more. What is defined as it was runs on. */
  define(definition: AppActions): void {
    const { app } = definition;
    const wanted = new Map(actionsOf(definition));
    const lanes = this.#apps.get(app) ?? new Map<string, Running>();
    this.#apps.set(app, lanes);
    for (const [action, { text, lane }] of lanes) {
      const still = wanted.get(action);
      if (still && textOf(still.spec, definition) === text) continue;
      lanes.delete(action);
      void this.#end(app, action, lane);
    }
    for (const [action, { listener, spec }] of wanted) {
      if (lanes.has(action)) continue;
      const lane = this.#make(definition, action, listener, spec);
      lanes.set(action, { text: textOf(spec, definition), lane });
      this.#start(app, action, lane);
    }
  }

  of(app: string): ReadonlyMap<string, { readonly lane: Lane }> {
    return this.#apps.get(app) ?? new Map();
  }

  written(entries: Told): void {
    for (const entry of entries) {
      const key = keyOf(entry.app, entry.action);
      this.#heads.set(key, Math.max(this.#heads.get(key) ?? 0, entry.seq));
      // One that waits for the lane before it begins with what is in the store.
      if (!this.#ending.has(key)) this.#apps.get(entry.app)?.get(entry.action)?.lane.written(entry);
    }
  }

  /** Ends one lane; `define` begins it anew. */
  async end(app: string, action: string): Promise<void> {
    const running = this.#apps.get(app)?.get(action);
    if (!running) return;
    this.#apps.get(app)?.delete(action);
    await this.#end(app, action, running.lane);
  }

  remove(app: string): void {
    for (const [action, { lane }] of this.#apps.get(app) ?? []) void this.#end(app, action, lane);
    this.#apps.delete(app);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const app of [...this.#apps.keys()]) this.remove(app);
    await Promise.all(this.#ending.values());
  }

  #make({ app, subscribeKey }: AppActions, name: string, listener: DefinedListener, spec: ActionSpec): Lane {
    const { levelOf, hopsOf, onDead } = this.#deps;
    const level = levelOf(app, name);
    const options = { app, listener: listener.name, subscribeKey, spec, hops: () => hopsOf(app) };
    return new Lane(
      { app, name, spec, sender: createSender(options, this.#deps), subscribeKey },
      {
        ...this.#deps,
        onFailed: () => {
          level.counts.failed += 1;
        },
        onGone: (texts, how) => {
          for (const text of texts) level.gone(text);
          level.counts[how] += texts.length;
          if (how === 'dead') onDead(app);
        },
      },
    );
  }

  #start(app: string, action: string, lane: Lane): void {
    const key = keyOf(app, action);
    const start = () => {
      if (!this.#stopped) lane.start(this.#heads.get(key) ?? 0);
    };
    const ending = this.#ending.get(key);
    if (ending !== undefined) void ending.then(start);
    else start();
  }

  #end(app: string, action: string, lane: Lane): Promise<void> {
    const key = keyOf(app, action);
    const ended: Promise<void> = Promise.all([this.#ending.get(key), lane.stop(GRACE)]).then(() => {
      if (this.#ending.get(key) === ended) this.#ending.delete(key);
    });
    this.#ending.set(key, ended);
    return ended;
  }
}

function* actionsOf({ listeners }: AppActions) {
  for (const listener of listeners.filter(({ enabled }) => enabled)) {
    for (const spec of listener.do) yield [actionName(listener, spec), { listener, spec }] as const;
  }
}

const textOf = (spec: ActionSpec, { subscribeKey }: AppActions): string => JSON.stringify([spec, subscribeKey]);
const keyOf = (app: string, action: string): string => JSON.stringify([app, action]);
