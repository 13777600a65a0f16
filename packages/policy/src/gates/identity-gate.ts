import type { Denied } from '../decision.ts';
import { credentialOf } from '../grant/token.ts';
import { baseOfPresence } from '../name.ts';
import { type Credential, type Principal, statedUser } from '../principal.ts';
import { deny } from './deny.ts';
import type { Question } from './question.ts';

/** Do the proofs that the request carries still hold, and is their user welcome? Looked at on every request. */
export function identityGate(question: Question): Denied | undefined {
  return expired(question) ?? revoked(question) ?? mismatched(question) ?? banned(question);
}

function expired({ request, trace }: Question): Denied | undefined {
  for (const credential of proofs(request.principal)) {
    if (request.now < credential.expiresAt) continue;
    trace?.no('identity', 'do all proofs still hold?', `${credential.type} ${credential.id} is expired`);
    return denyGrant('identity.expired', credential);
  }
  trace?.yes('identity', 'do all proofs still hold?', describe(request.principal));
  return undefined;
}

function revoked({ request, row, policy, trace }: Question): Denied | undefined {
  const { principal } = request;
  const { standing } = policy.compiled;
  const user = statedUser(principal);
  const channel = namesChannel(row.name) ? channelOf(request.name) : undefined;
  for (const credential of proofs(principal)) {
    const revocation = standing.revokes(credential, user, channel);
    if (revocation === undefined) continue;
    trace?.no(
      'identity',
      'is no proof revoked?',
      `revocation ${revocation} covers ${credential.type} ${credential.id}`,
    );
    return { allowed: false, code: 'identity.revoked', by: { gate: 'identity', revocation } };
  }
  if (principal.kind === 'stated' && principal.credentials.length === 0 && principal.grant === undefined) {
    // An id that is stated without any proof counts as issued at 0: what takes away covers whoever states the id.
    const revocation = standing.revokesUser(principal.user, channel, 0);
    if (revocation !== undefined) {
      trace?.no('identity', 'is no proof revoked?', `revocation ${revocation} covers user ${principal.user}`);
      return { allowed: false, code: 'identity.revoked', by: { gate: 'identity', revocation } };
    }
  }
  trace?.yes('identity', 'is no proof revoked?', 'no revocation covers them');
  return undefined;
}

function mismatched({ request: { principal }, trace }: Question): Denied | undefined {
  const owner = principal.grant?.authorizedUser;
  if (owner === undefined) return undefined;
  if (principal.kind === 'server' || (principal.kind === 'user' && principal.user === owner)) {
    trace?.yes('identity', 'is the grant this user’s?', `authorized_uuid is ${owner}`);
    return undefined;
  }
  trace?.no('identity', 'is the grant this user’s?', `authorized_uuid is ${owner}, the request is by another`);
  return { allowed: false, code: 'identity.user-mismatch', by: byGrant(principal.grant?.id) };
}

function banned({ request, row, policy, trace }: Question): Denied | undefined {
  const user = statedUser(request.principal);
  if (user === undefined || request.operation === 'leave' || request.operation === 'time') return undefined;
  const channel = namesChannel(row.name) ? channelOf(request.name) : undefined;
  const connecting = request.operation === 'connect' && request.joined !== true;
  const ban = policy.compiled.standing.banOf({ user, channel, now: request.now, connecting });
  if (ban === undefined) {
    trace?.yes('identity', 'is the user welcome?', `no ban or hold of ${user} is in force`);
    return undefined;
  }
  trace?.no(
    'identity',
    'is the user welcome?',
    `${ban.hold ? 'hold' : 'ban'} ${ban.id} of ${user} ${ban.channel === undefined ? 'everywhere' : `on ${ban.channel}`}`,
  );
  return {
    allowed: false,
    code: ban.hold ? 'identity.held-off' : 'identity.banned',
    by: { gate: 'identity', ban: ban.id },
  };
}

/** The principal's credentials, the one of its grant included even where the caller left it out. */
function proofs({ credentials, grant }: Principal): readonly Credential[] {
  if (grant === undefined) return credentials;
  for (const credential of credentials) if (credential.id === grant.id) return credentials;
  return [...credentials, credentialOf(grant)];
}

const namesChannel = (kind: Question['row']['name']): boolean =>
  kind === 'channel' || kind === 'presence' || kind === 'member';

const channelOf = (name: string | undefined): string | undefined =>
  name === undefined ? undefined : (baseOfPresence(name) ?? name);

const byGrant = (grant: string | undefined): Denied['by'] =>
  grant === undefined ? { gate: 'identity' } : { gate: 'identity', grant };

const denyGrant = (code: 'identity.expired', credential: Credential): Denied =>
  credential.type === 'grant' ? { allowed: false, code, by: byGrant(credential.id) } : deny('identity', code);

function describe(principal: Principal): string {
  if (principal.kind === 'server' || principal.kind === 'trigger') return `${principal.kind} ${principal.name}`;
  const user = statedUser(principal);
  const who = user === undefined ? principal.kind : `${principal.kind} ${user}`;
  return principal.grant === undefined ? who : `${who}, with grant ${principal.grant.id}`;
}
