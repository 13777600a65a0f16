import type { VerifyContext, VerifyOutcome } from './token.ts';

export function verifyGrant(_text: string, _context: VerifyContext): VerifyOutcome {
  return { ok: false, code: 'identity.malformed', reason: 'not available' };
}
