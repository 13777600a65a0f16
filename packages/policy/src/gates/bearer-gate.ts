import type { Denied } from '../decision.ts';
import { BIT, type Grant } from '../grant/grant.ts';
import { baseOfPresence, presenceName } from '../name.ts';
import type { BearerNeed } from '../operations.ts';
import type { Via } from '../request.ts';
import { wildcardHolds } from '../wildcard.ts';
import type { Named } from './name-gate.ts';
import { bearerNeed } from './needs.ts';
import type { Question } from './question.ts';

/** May this very bearer? */
export function bearerGate(question: Question, named: Named): Denied | undefined {
  const { request, policy, trace } = question;
  const need = bearerNeed(question);
  if (need === null) {
    trace?.skipped('bearer', 'does the grant allow it?', 'the operation needs no permission');
    return undefined;
  }
  if (!policy.compiled.gates.grants) {
    trace?.skipped('bearer', 'does the grant allow it?', 'grants are off');
    return undefined;
  }
  const { grant } = request.principal;
  if (grant === undefined) {
    trace?.no('bearer', 'is there a grant?', 'the request carries no permission token');
    return { allowed: false, code: 'grant.none', by: { gate: 'bearer' } };
  }
  const resource = need.on === 'pnpres' ? presenceName(named.resource) : named.resource;
  if (request.via === undefined || !question.row.via) return ask(question, grant, need, resource);
  return askVia(question, grant, need, { ...named, resource }, request.via);
}

function ask({ policy, trace }: Question, grant: Grant, need: BearerNeed, resource: string): Denied | undefined {
  const bits = policy.compiled.bits.of(grant, need.section, resource);
  if (bits !== undefined && (bits & BIT[need.permission]) !== 0) {
    trace?.yes('bearer', 'does the grant allow it?', `${need.permission} on ${resource}`);
    return undefined;
  }
  trace?.no(
    'bearer',
    'does the grant allow it?',
    bits === undefined ? `it does not cover ${resource}` : `it has no ${need.permission} on ${resource}`,
  );
  return {
    allowed: false,
    code: bits === undefined ? 'grant.not-covered' : 'grant.missing-permission',
    by: { gate: 'bearer', grant: grant.id },
  };
}

/**
 * Through a group, the group's permission is asked. Through a wildcard, the wildcard's; where only a pattern without an
 * escaped `\*` covers that name, a pattern that was not written for wildcards, the channel's own as well. A wildcard
 * gives nothing on what it does not stand for.
 */
function askVia(question: Question, grant: Grant, need: BearerNeed, named: Named, via: Via): Denied | undefined {
  const { resource, channel = '' } = named;
  const twin = baseOfPresence(resource) === undefined ? (name: string) => name : presenceName;
  if ('group' in via) return ask(question, grant, { ...need, section: 'groups' }, twin(via.group));
  if (!wildcardHolds(via.wildcard, channel)) {
    question.trace?.no('bearer', 'does the grant allow it?', `${via.wildcard} does not stand for it`);
    return { allowed: false, code: 'grant.not-covered', by: { gate: 'bearer', grant: grant.id } };
  }
  const wildcard = twin(via.wildcard);
  const denied = ask(question, grant, need, wildcard);
  if (denied !== undefined) return denied;
  if (question.policy.compiled.bits.meantAsWildcard(grant, wildcard, BIT[need.permission])) return undefined;
  return ask(question, grant, need, resource);
}
