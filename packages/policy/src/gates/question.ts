import type { OperationRow } from '../operations.ts';
import type { Policy } from '../policy.ts';
import type { AccessRequest } from '../request.ts';
import type { Trace } from '../trace.ts';

/** One request on its way through the gates. */
export interface Question {
  readonly request: AccessRequest;
  readonly row: OperationRow;
  readonly policy: Policy;
  readonly trace: Trace | undefined;
}
