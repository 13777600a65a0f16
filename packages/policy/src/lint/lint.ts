/** One remark of `portcullis check`. */
export interface Lint {
  /** `warning`: probably not meant. `note`: worth knowing. */
  readonly level: 'warning' | 'note';
  readonly kind: LintKind;
  readonly message: string;
  /** Ids of the rules it speaks of. */
  readonly rules?: readonly number[];
  readonly pattern?: string;
  /** A name that shows it. */
  readonly example?: string;
}

export type LintKind =
  | 'rule-conflict'
  | 'rule-invalid'
  | 'rule-hidden'
  | 'rule-hand-over'
  | 'rule-disabled-hand-over'
  | 'rule-public-without-anonymous'
  | 'rule-idle-switch'
  | 'pattern-invalid'
  | 'pattern-likely-glob'
  | 'pattern-covers-everything'
  | 'pattern-dot-before-star'
  | 'pattern-search-differs';
