import type { Rule } from './rule.ts';
import type { Target } from './target.ts';

/** The enabled rule that has the same target and `nested` as `wanted`, other than the one it replaces. */
export function conflictingRule(
  wanted: Target & { readonly enabled: boolean },
  rules: readonly Rule[],
  replaces?: number,
): Rule | undefined {
  if (!wanted.enabled) return undefined;
  return rules.find(
    (rule) => rule.enabled && rule.id !== replaces && rule.nested === wanted.nested && rule.target === wanted.target,
  );
}
