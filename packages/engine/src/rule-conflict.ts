import type { Rule } from '@portcullis/policy';

/** Another enabled rule has the same target and nesting (`rule.conflict`, 409). */
export class RuleConflictError extends Error {
  override readonly name = 'RuleConflictError';
  readonly other: Rule;

  constructor(rule: Rule, other: Rule) {
    super(`Rule ${other.id} already covers ${rule.nested ? 'nested ' : ''}target "${rule.target}".`);
    this.other = other;
  }
}
