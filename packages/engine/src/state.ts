import type { JsonObject } from '@portcullis/policy';
import { type Core, refusal } from './core.ts';
import { announceState } from './membership.ts';
import type { StateOutcome } from './outcome.ts';
import type { Session } from './session.ts';
import { settleIfMarked } from './settle-channel.ts';

/** What a session says of itself in a channel's roster; `null` takes it back. */
export function setState(core: Core, session: Session, name: string, state: JsonObject | null): StateOutcome {
  settleIfMarked(core, session, name);
  if (session.ended) return refusal('session.closed');
  const sub = session.subs.get(name);
  const request = {
    operation: 'state.set',
    principal: session.principal,
    now: core.clock.now(),
    name,
    joined: session.subs.has(name),
  } as const;
  const decision = core.decide(session.app, request);
  if (!decision.allowed) return core.refuse(session.app, request, decision);
  if (!sub?.listens) return refusal('channel.not-joined');
  sub.state = state;
  announceState(core, sub);
  return { ok: true };
}
