import { isPromise, type MaybePromise, type Refused, type SessionApi } from '@portcullis/engine';
import type { Identified } from '../shared/identified.ts';
import type { SwapToken } from './command.ts';
import { swappedText } from './connected-text.ts';
import type { Done } from './perform.ts';
import type { Proving } from './proofs.ts';

/** Has another token take the place of a connection's own; one that is refused changes nothing. */
export function swapToken(
  session: SessionApi,
  { id, token }: SwapToken,
  proving: Proving,
): MaybePromise<Done | Refused> {
  const swap = (known: Identified): Done | Refused => {
    if (!known.ok) return proving.refused(known, session.principal);
    const swapped = session.swap(known.principal);
    return swapped.ok ? { ok: true, text: swappedText(id, swapped.expiresAt) } : swapped;
  };
  const identified = proving.later(token);
  return isPromise(identified) ? identified.then(swap) : swap(identified);
}
