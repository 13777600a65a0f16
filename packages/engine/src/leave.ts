import { type Core, refusal } from './core.ts';
import { notify } from './delivery.ts';
import { awaitJoin } from './ending.ts';
import { depart } from './membership.ts';
import type { LeaveOutcome } from './outcome.ts';
import { endJoins, type Session } from './session.ts';

export function leave(core: Core, session: Session, name: string, ref?: number): LeaveOutcome {
  const sub = session.subs.get(name);
  if (endJoins(session, name, 'channel.not-joined') && !sub) return { ok: true };
  if (!sub) return refusal('channel.not-joined');
  depart(core, sub);
  const { self } = session;
  if (ref === undefined) notify(core, session, { type: 'left', channel: name, self });
  else notify(core, session, { type: 'left', channel: name, self, ref });
  awaitJoin(core, session);
  return { ok: true };
}
