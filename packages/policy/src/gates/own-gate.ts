import type { Denied } from '../decision.ts';
import type { ChannelNeed } from '../operations.ts';
import type { AccessRequest } from '../request.ts';
import { deny } from './deny.ts';
import type { Question } from './question.ts';

/**
 * What no switch of a rule speaks of: is it for servers here? With rules on and grants off it is, but for what a proven
 * user does to its own; what belongs to one user is changed by that user alone, whatever the gates say.
 */
export function ownGate({ request, row, policy, trace }: Question, need: ChannelNeed): Denied | undefined {
  if (need === 'server') {
    trace?.no('channel', 'is it a server?', 'the operation is for servers');
    return deny('channel', 'operation.server-only');
  }
  if (row.ownOnly && !ownsSubject(request)) {
    trace?.no('channel', 'is it its own?', 'it belongs to another user');
    return deny('channel', 'operation.not-own');
  }
  const { gates } = policy.compiled;
  if ((need !== 'no-switch' && need !== 'own') || gates.grants || !gates.rules) return undefined;
  if (need === 'own' && isOwn(request)) {
    trace?.yes('channel', 'is it its own?', 'a proven user may change its own');
    return undefined;
  }
  trace?.no('channel', 'is it a server?', 'no switch of a rule speaks of this, and grants are off');
  return deny('channel', 'operation.server-only');
}

/** A proven user and one of the same name that is only stated are two. */
function ownsSubject({ principal, subject }: AccessRequest): boolean {
  if (subject === undefined) return true;
  if (principal.kind !== 'user' && principal.kind !== 'stated') return false;
  return subject.user === principal.user && subject.proven === (principal.kind === 'user');
}

/** Names that are users name the owner; of channels, `ownsSubject` has looked at it. */
function isOwn({ principal, operation, name }: AccessRequest): boolean {
  if (principal.kind !== 'user') return false;
  return operation === 'reactions.remove' || name === principal.user;
}
