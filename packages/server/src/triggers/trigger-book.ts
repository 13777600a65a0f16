import type { PlacedTrigger, RunRecord, TriggerRuntime } from '@portcullis/automation/triggers';
import type { EngineApi, Log, StoredTrigger, TriggerCall, TriggerSource } from '@portcullis/engine';
import { type JsonObject, ruleFor } from '@portcullis/policy';
import type { LiveApp } from '../apps/live-app.ts';
import { type Problem, parseTriggerSpec, type Surroundings } from '../config/index.ts';
import { functionProblems } from './function-problems.ts';
import { type FunctionSurroundings, functionSettings } from './function-settings.ts';

export interface TriggerBookDeps {
  readonly runtime: TriggerRuntime;
  readonly engine: Pick<EngineApi, 'storedTriggers' | 'policy'>;
  readonly server: () => Surroundings;
  readonly surroundings: FunctionSurroundings;
  readonly log: Log;
}

const UNREADABLE: Omit<PlacedTrigger, 'id' | 'channel'> = {
  origin: 'store',
  on: ['join', 'message'],
  enabled: true,
  description: 'It cannot be read.',
  publishes: [],
  steps: [{ does: 'block', reason: '', onError: 'block' }],
};

/** The triggers of the apps that are served: those of the file, and those made through the management API. */
export class TriggerBook {
  readonly #deps: TriggerBookDeps;
  readonly #fromFile = new Map<string, readonly PlacedTrigger[]>();

  constructor(deps: TriggerBookDeps) {
    this.#deps = deps;
  }

  /** What triggers depend on of the server. */
  get server(): Surroundings {
    return this.#deps.server();
  }

  get runtime(): TriggerRuntime {
    return this.#deps.runtime;
  }

  /** Functions that the file's triggers of an app name and that cannot be called. */
  check(app: LiveApp): Promise<readonly Problem[]> {
    return functionProblems(app, this.#deps.surroundings);
  }

  /** Makes an app's triggers ready for the engine. `stored`: those of the store, where the app is not served yet. */
  async prepare(app: LiveApp, stored: readonly StoredTrigger[] | null): Promise<TriggerSource> {
    const { id, access } = app.config;
    const fromFile = this.#placed(app);
    const { source } = await this.#deps.runtime.prepare({
      app: id,
      fromFile,
      stored: stored ?? this.#deps.engine.storedTriggers(id),
      rules: access.rules || !(access.grants || access.open),
      functions: functionSettings(app, this.#deps.surroundings),
      read: (trigger) => this.#read(trigger),
    });
    this.#fromFile.set(id, fromFile);
    return source;
  }

  /** All triggers of a served app, in the order in which they run. */
  list(app: string): readonly PlacedTrigger[] {
    const stored = this.#deps.engine.storedTriggers(app);
    return [...(this.#fromFile.get(app) ?? []), ...stored.map((trigger) => this.#read(trigger))];
  }

  /**
   * What the store holds. One that cannot be read (its keys were renamed, its endpoint may not be reached any more) blocks
   * whatever it was to look at: passed over, it would let everything through.
   */
  #read({ id, spec }: StoredTrigger): PlacedTrigger {
    const parsed = parseTriggerSpec(spec, this.#deps.server());
    if (parsed.ok) return { ...parsed.value, id, origin: 'store' };
    this.#deps.log.error('trigger.unreadable', { id, problems: parsed.problems });
    const { channel } = spec;
    return { ...UNREADABLE, id, channel: typeof channel === 'string' ? channel : '' };
  }

  /** As it was written. */
  written(app: string, id: number): JsonObject | undefined {
    return this.#deps.engine.storedTriggers(app).find((trigger) => trigger.id === id)?.spec;
  }

  /** What the app's triggers, or one that is not in force, would do. `null`: no trigger is asked. */
  async try(
    call: Omit<TriggerCall, 'rule'>,
    trial: { readonly endpoints: boolean; readonly trigger?: PlacedTrigger },
  ): Promise<RunRecord | null> {
    const rule = ruleFor(this.#deps.engine.policy(call.app), call.channel);
    if (!rule) return null;
    const asked = { ...call, rule } as TriggerCall;
    return trial.trigger
      ? this.#deps.runtime.tryOne(trial.trigger, asked, trial)
      : this.#deps.runtime.try(asked, rule, trial);
  }

  close(): void {
    this.#deps.runtime.close();
  }

  drop(app: string): void {
    this.#fromFile.delete(app);
    this.#deps.runtime.drop(app);
  }

  #placed({ config }: LiveApp): readonly PlacedTrigger[] {
    return config.triggers.map((trigger, index) => ({ ...trigger, id: index + 1, origin: 'file' }));
  }
}
