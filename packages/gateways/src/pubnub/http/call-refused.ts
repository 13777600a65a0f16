import type { Answer } from './call.ts';

/** Ends a call with an answer, from wherever in it something was found wrong. An expected outcome: it is not logged. */
export class CallRefused extends Error {
  override readonly name = 'CallRefused';
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}
