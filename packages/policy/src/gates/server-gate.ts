import type { Decision } from '../decision.ts';
import { addressed, addressedInHistory } from './addressed.ts';
import { holdsAsker } from './channel-gate.ts';
import { deny } from './deny.ts';
import type { Named } from './name-gate.ts';
import type { Question } from './question.ts';
import { peerGate } from './sending.ts';

/** A server needs no rule and no grant. It gets no private items, and cannot send to whom is not there. */
export function serverGate(question: Question, named: Named): Decision {
  const { request, row, policy, trace } = question;
  const { audience } = request;
  if (row.channel === 'item' || row.channel === 'receive') {
    const reader = { principal: request.principal, authenticated: true, session: request.session };
    const stored = row.channel === 'item';
    const holds =
      audience !== undefined &&
      (stored ? addressedInHistory(audience, reader, policy.settings.historyWiden) : addressed(audience, reader));
    if (!holds) {
      trace?.no('server', 'was the item addressed to it?', `to ${audience?.to ?? 'nobody'}`);
      return deny('server', 'channel.not-addressed');
    }
  }
  if (!holdsAsker(question, true)) {
    trace?.no('server', 'was the item addressed to it?', `to ${audience?.to ?? 'nobody'}`);
    return deny('server', 'channel.not-addressed');
  }
  const absent = row.channel === 'send' ? peerGate(request, undefined, trace) : undefined;
  if (absent !== undefined) return absent;
  trace?.yes('server', 'is it a server?', 'it needs no rule and no grant');
  const rule = named.channel === undefined ? undefined : policy.compiled.ruleFor(named.channel);
  return {
    allowed: true,
    by: { gate: 'server' },
    ...(rule === undefined ? {} : { rule }),
    ...(row.channel === 'send' ? { target: request.target ?? { to: 'everyone' } } : {}),
  };
}
