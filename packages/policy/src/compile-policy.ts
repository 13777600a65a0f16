import { CompiledPolicy } from './compiled/compiled-policy.ts';
import { parseName } from './name.ts';
import type { Policy, PolicySource } from './policy.ts';
import type { Rule } from './rule.ts';
import type { Target } from './target.ts';

/** Makes a policy ready for deciding. What did not change since `previous`, of the same app, is taken over from it. */
export function compilePolicy(source: PolicySource, previous?: Policy): Policy {
  const reusable = previous?.app === source.app ? previous.compiled : undefined;
  return {
    app: source.app,
    epoch: source.epoch,
    settings: source.settings,
    source,
    compiled: new CompiledPolicy(source, reusable),
  };
}

/** The one rule that applies to the channel; with rules off the app's open rule (id 0). */
export function ruleFor(policy: Policy, name: string): Rule | undefined {
  return parseName(name).ok ? policy.compiled.ruleFor(name) : undefined;
}

/** The enabled rule with this very target and `nested`, whether rules are on or off. */
export function ruleWithTarget({ compiled }: Policy, target: Target): Rule | undefined {
  return compiled.ruleWithTarget(target);
}
