import type { FunctionResult } from '../steps/call-function.ts';

/** One call on its way. */
export interface Pending {
  readonly id: number;
  readonly name: string;
  /** JSON text. */
  readonly input: string;
  /** ms its code may take. */
  readonly timeout: number;
  /** When it is given up, wherever it is. */
  readonly deadline: number;
  readonly settle: (result: FunctionResult) => void;
  /** Workers it was lost with. */
  lost: number;
  /** It may have taken its worker down. */
  suspect: boolean;
}
