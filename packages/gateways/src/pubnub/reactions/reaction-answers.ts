import { CODES, type Code } from '@portcullis/policy';
import type { Answer } from '../http/call.ts';

export interface Detail {
  readonly message: string;
  readonly location: string;
  readonly locationType: 'body' | 'path' | 'query';
}

/** `{"status":…,"error":{"source":"actions","message":…[,"details":[…]]}}`. */
export function reactionProblem(status: number, message: string, code: Code, details: readonly Detail[] = []): Answer {
  const error = { source: 'actions', message, ...(details.length > 0 ? { details } : {}) };
  return {
    status,
    type: 'javascript',
    body: JSON.stringify({ status, error, code }),
    headers: { 'X-Portcullis-Code': code },
  };
}

export function badInput(details: readonly Detail[], code: Code = 'request.malformed'): Answer {
  return reactionProblem(400, 'Request payload contained invalid input.', code, details);
}

/** One answer for what is not there and what the asker may not see. */
export const noSuchMessage = (): Answer => reactionProblem(404, 'Message Not Found', 'not-found');
export const noSuchAction = (): Answer => reactionProblem(404, 'Action Not Found', 'not-found');
export const alreadyAdded = (): Answer => reactionProblem(409, 'Action Already Added', 'request.conflict');
export const wrongUser = (): Answer =>
  reactionProblem(400, 'Not deleting message action: wrong uuid specified', 'operation.not-own');
export const overLimit = (code: Code): Answer => reactionProblem(CODES[code].http, CODES[code].sentence, code);
export const tooBusy = (): Answer => overLimit('store.unavailable');
