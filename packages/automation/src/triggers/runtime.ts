import type { Clock, Log, StatelessApi, StoredTrigger, TriggerCall, TriggerSource } from '@portcullis/engine';
import type { Rule } from '@portcullis/policy';
import { Language } from '../cel/index.ts';
import type { Post } from '../outbound/index.ts';
import { AppTriggers } from './app-triggers.ts';
import { compileStep, type StepDeps } from './compile-steps.ts';
import { AppFunctions, type FunctionSettings } from './functions/app-functions.ts';
import { createPublisher } from './publisher.ts';
import { type RunObserver, type RunRecord, Runs } from './runs.ts';
import type { PlacedTrigger, StepSpec } from './spec.ts';
import { Stack, type StackDeps } from './stack.ts';
import type { Trial } from './steps/step.ts';

export interface RuntimeDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** ms of a clock that only measures. */
  readonly measure: () => number;
  /** Bytes of memory of the whole process. */
  readonly memory: () => number;
  readonly post: Post;
  /** A fresh id. */
  readonly id: () => string;
  readonly publishAs: StatelessApi['publishAs'];
  readonly observe: RunObserver;
  /** Functions of the app are others from now on: its triggers have to be compiled again. */
  readonly onFunctionsChanged: (app: string) => void;
}

export interface AppTriggerOptions {
  readonly app: string;
  /** Those of the file, in order. */
  readonly fromFile: readonly PlacedTrigger[];
  /** What the store holds at the moment: its functions are made ready too. */
  readonly stored: readonly StoredTrigger[];
  /** Whether the channel gate is on. */
  readonly rules: boolean;
  readonly functions: FunctionSettings;
  /** Reads what the store holds. Throws on what is no trigger. */
  readonly read: (stored: StoredTrigger) => PlacedTrigger;
}

/** All that runs triggers in this process: one place for each app's functions, stacks and latest runs. */
export class TriggerRuntime {
  readonly #deps: RuntimeDeps;
  readonly #language: Language;
  readonly #publish: ReturnType<typeof createPublisher>;
  readonly #apps = new Map<string, House>();

  constructor(deps: RuntimeDeps) {
    this.#deps = deps;
    this.#language = new Language(deps.measure);
    this.#publish = createPublisher(deps);
  }

  /** Makes an app's triggers ready. `problems`: functions that cannot be called, by name. */
  async prepare(
    options: AppTriggerOptions,
  ): Promise<{ readonly source: TriggerSource; readonly problems: ReadonlyMap<string, string> }> {
    const house = this.#house(options.app);
    house.settings = options.functions;
    const read = options.stored.map(options.read);
    const problems = await house.functions.load(functionsOf([...options.fromFile, ...read]), options.functions);
    const source = new AppTriggers({
      fromFile: options.fromFile,
      rules: options.rules,
      read: options.read,
      versionOf: (step) => (step.does === 'function' ? house.functions.versionOf(step.name) : ''),
      steps: this.#stepDeps(house),
      stack: this.#stackDeps(house),
      kept: house.stacks,
    });
    house.source = source;
    return { source, problems };
  }

  /** Makes the functions of a trigger callable beside those that are. Answers with those that cannot be. */
  async makeReady(app: string, trigger: PlacedTrigger): Promise<ReadonlyMap<string, string>> {
    const house = this.#house(app);
    const names = functionsOf([trigger]);
    if (!house.settings || names.length === 0) return new Map();
    const problems = await house.functions.load([...new Set([...house.functions.names, ...names])], house.settings);
    return new Map([...problems].filter(([name]) => names.includes(name)));
  }

  runs(app: string): Runs {
    return this.#house(app).runs;
  }

  /** What the app's triggers would do with a call; `null`: none would be asked. */
  async try(call: TriggerCall, rule: Rule, trial: Trial): Promise<RunRecord | null> {
    const stack = this.#apps.get(call.app)?.source?.current?.stacksFor(rule, call.channel)?.[call.action];
    return stack instanceof Stack ? stack.try(call, trial) : null;
  }

  /** What one trigger would do with a call, whether it is in force or not. */
  async tryOne(trigger: PlacedTrigger, call: TriggerCall, trial: Trial): Promise<RunRecord> {
    const house = this.#house(call.app);
    const steps = trigger.steps.map((spec, index) => ({
      ...compileStep(spec, this.#stepDeps(house)),
      trigger,
      position: index + 1,
      onError: spec.onError,
    }));
    const nested = trigger.channel.includes('*');
    return new Stack({ target: trigger.channel, nested }, steps, this.#stackDeps(house)).try(call, trial);
  }

  /** The app is gone. */
  drop(app: string): void {
    this.#apps.get(app)?.functions.close();
    this.#apps.delete(app);
  }

  close(): void {
    for (const app of [...this.#apps.keys()]) this.drop(app);
    this.#deps.post.close();
  }

  #house(app: string): House {
    let house = this.#apps.get(app);
    if (!house) {
      const { clock, measure, memory, log } = this.#deps;
      const functions = new AppFunctions({ clock, measure, memory, log }, () => this.#deps.onFunctionsChanged(app));
      house = { functions, stacks: new Map(), runs: new Runs(this.#deps.observe), source: null, settings: null };
      this.#apps.set(app, house);
    }
    return house;
  }

  #stepDeps({ functions }: House): StepDeps {
    const { post, clock, id } = this.#deps;
    return { post, clock, id, language: this.#language, functions };
  }

  #stackDeps({ runs }: House): StackDeps {
    return {
      runs,
      measure: this.#deps.measure,
      publish: (call, { trigger }, publishing) => this.#publish(call, trigger, publishing),
    };
  }
}

interface House {
  readonly functions: AppFunctions;
  readonly stacks: Map<string, Stack>;
  readonly runs: Runs;
  source: AppTriggers | null;
  settings: FunctionSettings | null;
}

function functionsOf(triggers: readonly PlacedTrigger[]): string[] {
  const steps: StepSpec[] = triggers.flatMap((trigger) => trigger.steps);
  return [...new Set(steps.flatMap((step) => (step.does === 'function' ? [step.name] : [])))];
}
