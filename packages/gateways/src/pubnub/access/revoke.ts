import type { Code, Credential } from '@portcullis/policy';
import { comeBack, refusal } from '../http/answers.ts';
import type { Answer, Call, Endpoint, PubNubDeps } from '../http/call.ts';
import type { Identity } from '../identity/identified.ts';
import { complaint, success } from './access-answers.ts';
import { actorOf, codeAgainst, refusedForServers } from './for-servers.ts';

export interface RevokeDeps {
  readonly identity: Pick<Identity, 'credentialsOf'>;
}

/** `revokeToken`. Answered when it is in force: nothing that is published later reaches the token's holder. */
export function revokeEndpoint({ identity }: RevokeDeps): Endpoint {
  return {
    method: 'DELETE',
    path: '/v3/pam/{sub}/grant/{token}',
    handle: async (call, deps) => {
      const known = await identity.credentialsOf(call.app.app, call.params.token ?? '');
      const code = codeAgainst(call, deps, 'revoke');
      if (code !== undefined) return refused(code, call);
      if (!known.ok) return known.retry ? comeBack(refusal(known.code)) : invalid('Token is malformed.', known.code);
      return revoke(known.credentials, call, deps);
    },
  };
}

async function revoke(credentials: readonly Credential[], call: Call, { engine, store }: PubNubDeps): Promise<Answer> {
  const { app } = call.app;
  const now = engine.now();
  if (credentials.some(({ expiresAt }) => expiresAt <= now)) return invalid('Token is expired.', 'identity.expired');
  const { revocations } = engine.source(app);
  const changes = credentials
    .filter(({ id }) => !revocations.some((known) => known.type === 'token' && known.token === id))
    .map(({ id, expiresAt }) => ({
      type: 'revocation.put' as const,
      revocation: {
        type: 'token' as const,
        token: id,
        id: engine.nextId(),
        reason: '',
        keepUntil: Math.min(expiresAt, Number.MAX_SAFE_INTEGER),
      },
    }));
  // A second revocation waits for the first as well: changes are committed one at a time.
  if (changes.length > 0) await engine.commit(app, changes, call.principal);
  const detail = {
    tokens: credentials.map(({ id }) => id),
    revocations: changes.map(({ revocation }) => revocation.id),
  };
  await store.audit({ at: now, app, actor: actorOf(call), action: 'revocation.created', detail });
  return success();
}

function refused(code: Code, { principal }: Call): Answer {
  return code === 'operation.not-enabled' && principal.kind === 'server' ? DISABLED : refusedForServers(code);
}

const DISABLED = complaint(
  'revoke',
  { message: 'Feature disabled', detail: 'Token revocation is disabled.', location: 'subscribe-key' },
  { code: 'operation.not-enabled', status: 403, in: 'path' },
);

const invalid = (detail: string, code: Code): Answer =>
  complaint('revoke', { message: 'Invalid token', detail, location: 'token' }, { code, status: 400, in: 'path' });
