import type { Stacks, StoredTrigger, TriggerCall, TriggerSource, Triggers } from '@portcullis/engine';
import { type Rule, RuleIndex, ruleFromSpec } from '@portcullis/policy';
import { compileStep, type StepDeps } from './compile-steps.ts';
import type { PlacedTrigger, StepSpec } from './spec.ts';
import { Stack, type StackDeps, type StackedStep } from './stack.ts';

type Action = TriggerCall['action'];

export interface AppTriggersOptions {
  /** Those of the file, in order. */
  readonly fromFile: readonly PlacedTrigger[];
  /** Whether triggers belong to rules; otherwise each channel of theirs is a pattern of its own. */
  readonly rules: boolean;
  /** Reads what the store holds. Throws on what is no trigger. */
  readonly read: (stored: StoredTrigger) => PlacedTrigger;
  /** What steps read of the outside of which they are made: where it is another, so is the stack (the code of functions). */
  readonly versionOf: (step: StepSpec) => string;
  readonly steps: StepDeps;
  readonly stack: StackDeps;
  /** Stacks of before, by what they were made of: one that would be the same is taken over, with all it remembers. */
  readonly kept: Map<string, Stack>;
}

/** The triggers of one app as it is configured, beside those that the store holds. */
export class AppTriggers implements TriggerSource {
  readonly #options: AppTriggersOptions;
  #last: { readonly stored: readonly StoredTrigger[]; readonly triggers: Triggers | null } | null = null;

  constructor(options: AppTriggersOptions) {
    this.#options = options;
  }

  /** As it was compiled last. */
  get current(): Triggers | null {
    return this.#last?.triggers ?? null;
  }

  compile(stored: readonly StoredTrigger[]): Triggers | null {
    if (this.#last?.stored !== stored) this.#last = { stored, triggers: this.#compile(stored) };
    return this.#last.triggers;
  }

  #compile(stored: readonly StoredTrigger[]): Triggers | null {
    const { fromFile, read, rules } = this.#options;
    const all = [...fromFile, ...stored.map(read)].filter(({ enabled, steps }) => enabled && steps.length > 0);
    if (all.length === 0) {
      this.#options.kept.clear();
      return null;
    }
    const channels = new Map<string, PlacedTrigger[]>();
    for (const trigger of all) {
      const held = channels.get(trigger.channel) ?? [];
      channels.set(trigger.channel, held);
      held.push(trigger);
    }
    const used = new Set<string>();
    const made = new Map<string, Stacks>();
    for (const [channel, triggers] of channels) {
      made.set(channel, {
        join: this.#stack('join', channel, triggers, used),
        message: this.#stack('message', channel, triggers, used),
      });
    }
    for (const key of this.#options.kept.keys()) if (!used.has(key)) this.#options.kept.delete(key);
    return rules ? new ByRule(made) : new ByPattern(made);
  }

  #stack(action: Action, channel: string, triggers: readonly PlacedTrigger[], used: Set<string>): Stack | undefined {
    const { kept, rules, stack, versionOf } = this.#options;
    const chosen = triggers.filter(({ on }) => on.includes(action));
    if (chosen.length === 0) return undefined;
    const versions = chosen.flatMap(({ steps }) => steps.map(versionOf));
    const key = JSON.stringify([action, rules, chosen, versions]);
    used.add(key);
    const known = kept.get(key);
    if (known) return known;
    const nested = rules ? channel.includes('*') : true;
    const made = new Stack(
      { target: channel, nested },
      chosen.flatMap((trigger) => this.#steps(trigger)),
      stack,
    );
    kept.set(key, made);
    return made;
  }

  #steps(trigger: PlacedTrigger): readonly StackedStep[] {
    return trigger.steps.map((spec, index) => ({
      ...compileStep(spec, this.#options.steps),
      trigger,
      position: index + 1,
      onError: spec.onError,
    }));
  }
}

/** With rules on: the rule that applied has a target, and the target has its triggers. */
class ByRule implements Triggers {
  readonly #stacks: ReadonlyMap<string, Stacks>;
  /** The rule that was asked about last, and what it has: one message is mostly followed by another of its kind. */
  #rule: Rule | null = null;
  #found: Stacks | undefined;

  constructor(stacks: ReadonlyMap<string, Stacks>) {
    this.#stacks = stacks;
  }

  stacksFor(rule: Rule): Stacks | undefined {
    if (rule !== this.#rule) {
      this.#rule = rule;
      this.#found = this.#stacks.get(rule.target);
    }
    return this.#found;
  }
}

/** With rules off: each trigger's channel is a nested pattern, and of those that match the most specific one applies. */
class ByPattern implements Triggers {
  readonly #stacks: ReadonlyMap<string, Stacks>;
  readonly #patterns: RuleIndex;

  constructor(stacks: ReadonlyMap<string, Stacks>) {
    this.#stacks = stacks;
    const patterns = [...stacks.keys()].map((target, index) =>
      ruleFromSpec({ target, nested: true }, { id: index + 1, version: 0, origin: 'file' }),
    );
    this.#patterns = RuleIndex.of(patterns);
  }

  stacksFor(_: Rule, channel: string): Stacks | undefined {
    const found = this.#patterns.find(channel);
    return found && this.#stacks.get(found.target);
  }
}
