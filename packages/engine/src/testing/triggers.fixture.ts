import type { Rule } from '@portcullis/policy';
import type { StoredTrigger } from '../ports/store-triggers.ts';
import type { Stacks, TriggerCall, TriggerSource, TriggerStack, Triggers, Verdict } from '../ports/triggers.ts';

export const PASS: Verdict = { pass: true };
export const BLOCK: Verdict = { pass: false, code: 'trigger.blocked', reason: 'no' };

/** A stack whose answers come when the test says so, or at once. */
export class ScriptedStack implements TriggerStack {
  readonly calls: TriggerCall[] = [];
  readonly #waiting: ((verdict: Verdict | Error) => void)[] = [];
  readonly #answer: ((call: TriggerCall) => Verdict) | null;

  constructor(answer: ((call: TriggerCall) => Verdict) | null = null) {
    this.#answer = answer;
  }

  run(call: TriggerCall) {
    this.calls.push(call);
    if (this.#answer) return this.#answer(call);
    return new Promise<Verdict>((resolve, reject) => {
      this.#waiting.push((verdict) => (verdict instanceof Error ? reject(verdict) : resolve(verdict)));
    });
  }

  /** Answers the oldest call that waits. */
  answer(verdict: Verdict | Error): void {
    this.#waiting.shift()?.(verdict);
  }
}

/** Stacks by target and action; what the store holds is passed over. */
export class ScriptedTriggers implements Triggers, TriggerSource {
  readonly stacks = new Map<string, TriggerStack>();
  stored: readonly StoredTrigger[] = [];

  on(action: TriggerCall['action'], target: string, stack: ScriptedStack): ScriptedStack {
    this.stacks.set(`${action} ${target}`, stack);
    return stack;
  }

  compile(stored: readonly StoredTrigger[]): Triggers {
    this.stored = stored;
    return this;
  }

  stacksFor({ target }: Rule): Stacks | undefined {
    const [join, message] = [this.stacks.get(`join ${target}`), this.stacks.get(`message ${target}`)];
    return join || message ? { join, message } : undefined;
  }
}
