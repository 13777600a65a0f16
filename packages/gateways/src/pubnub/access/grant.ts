import { issuedAfter, mintGrant } from '@portcullis/policy';
import type { Answer, Call, Endpoint, PubNubDeps } from '../http/call.ts';
import { complaint, success } from './access-answers.ts';
import { complaintOf } from './complaints.ts';
import { actorOf, codeAgainst, refusedForServers } from './for-servers.ts';
import { readGrantBody } from './grant-body.ts';

export interface GrantDeps {
  /** Random text of at least 96 bits, never the same twice. */
  readonly nonce: () => string;
}

/** `grantToken`. Clients that grant for `spaces` and `users` grant for channels and uuids. */
export function grantEndpoint({ nonce }: GrantDeps): Endpoint {
  return {
    method: 'POST',
    path: '/v3/pam/{sub}/grant',
    handle: async (call, deps) => {
      const text = await call.body();
      const code = codeAgainst(call, deps, 'grant');
      return code === undefined ? grant(text, { call, deps, nonce }) : refusedForServers(code);
    },
  };
}

interface Granting extends GrantDeps {
  readonly call: Call;
  readonly deps: PubNubDeps;
}

async function grant(text: string, { call, deps, nonce }: Granting): Promise<Answer> {
  const code = 'grant.invalid';
  const { app, secrets } = call.app;
  const [secret] = secrets;
  const read = readGrantBody(text);
  if (!read.ok) return complaint('grant', read.complaint, { code });
  if (secret === undefined) throw new Error('a grant was signed with a secret that is gone');
  const { authorizedUser, ttl } = read.spec;
  const after = issuedAfter(deps.engine.source(app).revocations, authorizedUser);
  const now = deps.engine.now();
  const minted = mintGrant(read.spec, { app, secret, now, nonce: nonce(), issuedAfter: after });
  if (!minted.ok) {
    const [first] = minted.problems;
    if (first === undefined) throw new Error('a grant was refused without a reason');
    return complaint('grant', complaintOf(first), { code });
  }
  const { token, id, warnings } = minted;
  const detail = { grant: id, ttl, ...(authorizedUser !== undefined && { user: authorizedUser }) };
  // No grant without a trace of it: it is handed out when that is on disk.
  await deps.store.audit({ at: now, app, actor: actorOf(call), action: 'grant.minted', detail });
  return success({ token, ...(warnings.length > 0 && { warnings }) });
}
