import type { AccessSettings } from './access.ts';
import type { CompiledPolicy } from './compiled/compiled-policy.ts';
import type { Rule } from './rule.ts';
import type { Ban, Revocation } from './standing.ts';

/** All that an app's decisions depend on, as it is stored. */
export interface PolicySource {
  readonly app: string;
  /** Counts every change of authority of the app. */
  readonly epoch: number;
  readonly settings: AccessSettings;
  readonly rules: readonly Rule[];
  readonly revocations: readonly Revocation[];
  readonly bans: readonly Ban[];
}

/** A `PolicySource` made ready for deciding. Immutable but for its caches; made by `compilePolicy`. */
export interface Policy {
  readonly app: string;
  readonly epoch: number;
  readonly settings: AccessSettings;
  readonly source: PolicySource;
  /** For `decide` alone. */
  readonly compiled: CompiledPolicy;
}
