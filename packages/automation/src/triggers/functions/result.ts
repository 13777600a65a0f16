import type { FunctionResult } from '../steps/call-function.ts';
import type { Publishing } from '../steps/step.ts';
import type { WorkerAnswer } from './worker-protocol.ts';

export const failed = (error: string): FunctionResult => ({ type: 'failed', error });

/** What a worker said, as the step reads it. */
export function resultOf(answer: WorkerAnswer): FunctionResult {
  if (answer[1] !== 'returned') return { type: answer[1], error: answer[2] };
  const [, , text, publish] = answer;
  const published = publish === null ? [] : (JSON.parse(publish) as Publishing[]);
  return { type: 'returned', answer: text ?? undefined, publish: published };
}
