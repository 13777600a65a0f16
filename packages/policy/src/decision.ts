import type { SendTarget } from './audience.ts';
import type { Code } from './codes.ts';
import type { Rule } from './rule.ts';

export type Decision = Allowed | Denied;

export interface Allowed {
  readonly allowed: true;
  /** The rule that applied, where the channel gate was asked. With rules off, the app's open rule (id 0). */
  readonly rule?: Rule;
  /** `publish`: where it goes after routing; an unflagged send may become one to the authenticated. */
  readonly target?: SendTarget;
  readonly by: DecidedBy;
}

export interface Denied {
  readonly allowed: false;
  readonly code: Code;
  readonly by: DecidedBy;
  /** Names that failed, for calls that name several. */
  readonly names?: readonly string[];
  /** What the author of a trigger tells those whom it refuses, in place of the code's sentence. */
  readonly reason?: string;
}

/** What decided: the ids an operator can look up. */
export interface DecidedBy {
  readonly gate: 'app' | 'identity' | 'name' | 'channel' | 'bearer' | 'server' | 'trigger' | 'none';
  readonly rule?: number;
  readonly grant?: string;
  readonly ban?: number;
  readonly revocation?: number;
}

/** A decision with its steps kept, for the operator: `explain()`. */
export type Explanation = Decision & {
  readonly steps: readonly Step[] /** What would have to change; denials only. */;
  readonly fix?: string;
};

export interface Step {
  readonly gate: DecidedBy['gate'];
  readonly question: string;
  readonly answer: 'yes' | 'no' | 'skipped';
  readonly detail: string;
}
