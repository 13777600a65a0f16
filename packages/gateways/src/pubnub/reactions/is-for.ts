import { type Ask, type Asker, decideFor } from '../ask/ask.ts';
import type { PubNubDeps } from '../http/call.ts';

/** Whether the message that `ask` is about is for the asker. To whom it is not, it is not there: no refusal tells of it. */
export function isFor(asker: Asker, deps: PubNubDeps, ask: Ask): boolean {
  const decision = decideFor(asker, deps, ask);
  return decision.allowed || decision.code !== 'channel.not-addressed';
}
