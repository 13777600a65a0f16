import { isPromise, type MaybePromise } from '@portcullis/engine';
import type { Json } from '@portcullis/policy';
import type { TriggerInput } from '../input.ts';
import type { FunctionCall } from '../spec.ts';
import { readAnswer } from './answer.ts';
import { failed, type Publishing, type Step, type StepOutcome } from './step.ts';

/** What a function came to. */
export type FunctionResult =
  /** JSON text; `undefined`: it returned nothing. */
  | { readonly type: 'returned'; readonly answer: string | undefined; readonly publish: readonly Publishing[] }
  | { readonly type: 'threw'; readonly error: string }
  /** Late, crashed, not there. */
  | { readonly type: 'failed'; readonly error: string };

export interface Functions {
  /** `input`: JSON text. */
  call(name: string, input: string, timeout: number): MaybePromise<FunctionResult>;
}

/** Calls a function of the app's folder and obeys what it returns. */
export function functionStep({ name, timeout, returns }: FunctionCall, functions: Functions): Step {
  const read = (result: FunctionResult, input: TriggerInput): StepOutcome => {
    switch (result.type) {
      case 'failed':
        return failed(result.error);
      case 'threw':
        // For Xano triggers a throw is how a message is blocked.
        return returns === 'xano' ? { type: 'block', code: 'trigger.blocked' } : failed(`it threw: ${result.error}`);
      case 'returned': {
        const answer = result.answer === undefined ? undefined : (JSON.parse(result.answer) as Json);
        const outcome = readAnswer(answer, input, returns);
        if (outcome.type === 'failed' || result.publish.length === 0) return outcome;
        return { ...outcome, publish: [...(outcome.publish ?? []), ...result.publish] };
      }
    }
  };
  return {
    kind: 'function',
    run: (input) => {
      const result = functions.call(name, input.text, timeout);
      return isPromise(result) ? result.then((settled) => read(settled, input)) : read(result, input);
    },
  };
}
