import { GRANT_SECTIONS, type GrantSpec, issuedAfter, mintGrant } from '@portcullis/policy';
import type { Answer, Call, Endpoint, PubNubApp, PubNubDeps } from '../http/call.ts';
import { existsHere, userExistsHere } from '../names/exists-here.ts';
import { complaint, success } from './access-answers.ts';
import { complaintOf, type GrantComplaint } from './complaints.ts';
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

/** The first resource that there is not at this door. */
function missingName({ authorizedUser, resources = {} }: GrantSpec, app: PubNubApp): GrantComplaint | undefined {
  if (authorizedUser !== undefined && !userExistsHere(authorizedUser, app)) {
    return { message: 'Invalid uuid', detail: 'There is no such user id here.', location: 'permissions.uuid' };
  }
  for (const section of GRANT_SECTIONS) {
    for (const [name] of resources[section] ?? []) {
      // Groups are spelled with and without a colon before them.
      const plain = section === 'groups' && name.startsWith(':') ? name.slice(1) : name;
      if (section === 'uuids' ? userExistsHere(name, app) : existsHere(plain, app)) continue;
      const location = `permissions.resources.${section}.${name}`;
      return { message: 'Invalid permissions', detail: 'There is no such name here.', location };
    }
  }
  return undefined;
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
  const missing = missingName(read.spec, call.app);
  if (missing !== undefined) return complaint('grant', missing, { code });
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
  const events = deps.engine.events(app);
  if (events.hears('grant.created')) {
    await events.tell({ type: 'grant.created', principal: call.principal, data: detail });
  }
  return success({ token, ...(warnings.length > 0 && { warnings }) });
}
