import type { Policy, PolicySource } from './policy.ts';
import type { Rule } from './rule.ts';
import { compareSpecificity, compileTarget, matchesCompiled } from './target.ts';

export function compilePolicy(source: PolicySource, _previous?: Policy): Policy {
  return { app: source.app, epoch: source.epoch, settings: source.settings, source };
}

export function ruleFor(policy: Policy, name: string): Rule | undefined {
  const matching = policy.source.rules.filter((rule) => rule.enabled && matchesCompiled(compileTarget(rule), name));
  matching.sort((a, b) => compareSpecificity(compileTarget(a), compileTarget(b)) || a.id - b.id);
  return matching[0];
}
