import type { ParseOutcome } from './token.ts';

export function parseGrant(_text: string): ParseOutcome {
  return { ok: false, reason: 'not available' };
}
