import { CODES, type Code } from './codes.ts';
import type { Denied } from './decision.ts';
import type { Policy } from './policy.ts';
import type { AccessRequest } from './request.ts';

/** What a refused client is told: a code and a sentence. */
export interface ClientView {
  readonly code: Code;
  readonly message: string;
}

export function clientView(denied: Denied, _request: AccessRequest, _policy: Policy): ClientView {
  return { code: denied.code, message: CODES[denied.code].sentence };
}
