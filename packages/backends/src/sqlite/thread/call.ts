import type { Answer, Failure, SqlValue } from './protocol.ts';
import { SqlRefusal, toFault } from './sql-errors.ts';

/** A statement's text and its values. */
export type Command = readonly [sql: string, ...values: SqlValue[]];

/** What somebody waits for an answer to. */
export interface Call {
  readonly writes: boolean;
  readonly guarded: boolean;
  readonly commands: readonly Command[] | (() => readonly Command[]);
  readonly resolve: (answer: Exclude<Answer, Failure>) => void;
  readonly reject: (error: Error) => void;
}

export function settle(call: Call | undefined, answer: Answer): void {
  if (isFailure(answer)) call?.reject(toFault(answer));
  else call?.resolve(answer);
}

export function refusing(reject: (error: Error) => void, refusal: () => Error): (error: Error) => void {
  return (error) => reject(error instanceof SqlRefusal ? refusal() : error);
}

export function listed(commands: Call['commands']): readonly Command[] {
  return typeof commands === 'function' ? commands() : commands;
}

function isFailure(answer: Answer): answer is Failure {
  return typeof answer === 'object' && 'kind' in answer;
}
