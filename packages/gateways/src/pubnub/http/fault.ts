import { type Log, StoreFullError } from '@portcullis/engine';
import type { Code } from '@portcullis/policy';
import type { Answer } from './call.ts';
import { CallRefused } from './call-refused.ts';
import { type Family, problem } from './families.ts';

export interface Failing {
  readonly family: Family;
  /** The pattern of the path. */
  readonly route: string;
  readonly timetoken: bigint;
}

/** The answer to a call that could not be completed. What nobody expected is logged, and not told. */
export function answerToFault(error: unknown, { family, route, timetoken }: Failing, log: Log): Answer {
  if (error instanceof CallRefused) return error.answer;
  const code = codeOf(error);
  if (code === 'server.fault') log.error('pubnub.fault', { route, error });
  return problem(family, { code }, timetoken);
}

/** The server's store says by its name that it does not answer. */
function codeOf(error: unknown): Code {
  if (error instanceof StoreFullError) return 'store.full';
  return error instanceof Error && error.name === 'StoreUnavailableError' ? 'store.unavailable' : 'server.fault';
}
