import { type Policy, type Rule, ruleWithTarget } from '@portcullis/policy';

/** Another enabled rule has the same target and nesting (`rule.conflict`, 409). */
export class RuleConflictError extends Error {
  override readonly name = 'RuleConflictError';
  readonly other: Rule;

  constructor(rule: Rule, other: Rule) {
    super(`Rule ${other.id} already covers ${rule.nested ? 'nested ' : ''}target "${rule.target}".`);
    this.other = other;
  }
}

/** The same of a few rules that change, where no two had one target before. */
export function refuseConflictsOf(put: readonly Rule[], touched: ReadonlySet<number>, before: Policy): void {
  refuseConflicts(put);
  for (const rule of put) {
    if (!rule.enabled) continue;
    const other = ruleWithTarget(before, rule);
    if (other && !touched.has(other.id)) throw new RuleConflictError(rule, other);
  }
}

/** Two enabled rules with the same target and nesting: which one applies would be a matter of luck. */
export function refuseConflicts(rules: readonly Rule[]): void {
  const seen = new Map<string, Rule>();
  for (const rule of rules) {
    if (!rule.enabled) continue;
    const key = `${rule.nested ? 'nested' : 'exact'} ${rule.target}`;
    const other = seen.get(key);
    if (other && other.id !== rule.id) throw new RuleConflictError(rule, other);
    seen.set(key, rule);
  }
}
