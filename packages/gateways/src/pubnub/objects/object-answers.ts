import { CODES, type Code } from '@portcullis/policy';
import type { Answer, Call, PubNubDeps } from '../http/call.ts';
import { overRate } from '../http/rates.ts';

export interface Detail {
  readonly message: string;
  readonly location: string;
  readonly locationType: 'body' | 'path' | 'query';
}

/** `{"status":…,"error":{"message":…,"source":"objects"[,"details":[…]]}}`. */
export function objectProblem(status: number, message: string, code: Code, details: readonly Detail[] = []): Answer {
  const error = { message, source: 'objects', ...(details.length > 0 ? { details } : {}) };
  return {
    status,
    type: 'json',
    body: JSON.stringify({ status, error, code }),
    headers: { 'X-Portcullis-Code': code },
  };
}

export interface BadInput {
  readonly ok: false;
  readonly detail: Detail;
  readonly code: Code;
}

export function bad(
  location: string,
  message: string,
  {
    code = 'request.malformed',
    in: locationType = 'body',
  }: { readonly code?: Code; readonly in?: Detail['locationType'] } = {},
): BadInput {
  return { ok: false, detail: { message, location, locationType }, code };
}

export const badInput = ({ detail, code }: BadInput): Answer =>
  objectProblem(400, 'Request payload contained invalid input.', code, [detail]);

/** The answer to a caller that changes things faster than it may. */
export function tooFast(call: Call, deps: PubNubDeps): Answer | undefined {
  const code = overRate(call, deps, 'rateObjects');
  return code && objectProblem(CODES[code].http, CODES[code].sentence, code);
}

export const notFound = (): Answer => objectProblem(404, 'Requested object was not found.', 'not-found');
export const stale = (message: string): Answer => objectProblem(412, message, 'request.conflict');
