import type { GrantSpec, MintContext, MintOutcome } from './token.ts';

export function mintGrant(_spec: GrantSpec, _context: MintContext): MintOutcome {
  return { ok: false, problems: [{ at: '', message: 'not available' }] };
}
