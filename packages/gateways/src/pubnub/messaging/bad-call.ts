import type { Code } from '@portcullis/policy';
import type { Answer } from '../http/call.ts';
import { problem } from '../http/families.ts';

/** What is wrong with a call to one of the vendor's services, in the flat shape of its errors. */
export function badCall(
  service: 'Subscribe' | 'Presence' | 'channel-registry',
  code: Code,
  message: string,
  status = 400,
): Answer {
  return problem({ prefix: '', service, errors: 'flat' }, { code, message, status }, 0n);
}
