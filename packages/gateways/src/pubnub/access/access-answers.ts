import { CODES, type Code } from '@portcullis/policy';
import type { Answer } from '../http/call.ts';
import type { GrantComplaint } from './complaints.ts';

/** `{"data":{"message":"Success",…},"service":"Access Manager","status":200}`. */
export function success(more: object = {}): Answer {
  return {
    status: 200,
    type: 'pam',
    body: JSON.stringify({ data: { message: 'Success', ...more }, service: 'Access Manager', status: 200 }),
    headers: NEVER_STORED,
  };
}

/** A grant or revocation that makes no sense, with where in it. */
export function complaint(
  source: 'grant' | 'revoke',
  { message, detail, location }: GrantComplaint,
  { code, status = CODES[code].http, in: locationType = 'body' }: ComplaintOptions,
): Answer {
  return {
    status,
    type: 'pam',
    body: JSON.stringify({
      error: { message, source, details: [{ message: detail, location, locationType }] },
      service: 'Access Manager',
      status,
      code,
    }),
    headers: { ...NEVER_STORED, 'X-Portcullis-Code': code },
  };
}

export interface ComplaintOptions {
  readonly code: Code;
  readonly status?: number;
  readonly in?: 'body' | 'path';
}

const NEVER_STORED = { 'Cache-Control': 'no-cache, no-store, must-revalidate' };
