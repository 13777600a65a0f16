import type { Rule } from './rule.ts';

/** One remark of `portcullis check`. */
export interface Lint {
  readonly level: 'warning' | 'note';
  /** Stable name of the kind of remark. */
  readonly kind: string;
  readonly message: string;
  /** Ids of the rules it speaks of. */
  readonly rules?: readonly number[];
  readonly pattern?: string;
}

export function lintRules(_rules: readonly Rule[]): readonly Lint[] {
  return [];
}

export function lintPatterns(_patterns: readonly string[]): readonly Lint[] {
  return [];
}
