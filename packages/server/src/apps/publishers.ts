import type { MaybePromise } from '@portcullis/engine';
import type { Identified, Proofs } from '@portcullis/gateways/native';
import { actorOf, sameSecret } from '../admin/api-key.ts';
import { may } from '../admin/scopes.ts';
import type { Parts } from '../compose.ts';
import { signingSecrets } from '../config/index.ts';

/**
 * Who publishes over plain HTTP: a server with the app's current secret key, or with an API key that may publish; and
 * whoever else by a client's proof.
 */
export function createPublisherIdentifier({
  apps,
  keys,
  clock,
  identities,
}: Pick<Parts, 'apps' | 'keys' | 'clock' | 'identities'>) {
  return (app: string, proofs: Proofs): MaybePromise<Identified> => {
    const { token, statedUser } = proofs;
    const config = apps.find(app)?.config;
    if (token === undefined || config === undefined) return identities.identify(app, proofs);
    const server = (name: string): Identified => ({
      ok: true,
      principal: { kind: 'server', name, ...(statedUser !== undefined && { as: statedUser }), credentials: [] },
    });
    const key = keys.find(token, clock.now());
    if (key && (key.app === null || key.app === app)) {
      const actor = actorOf(key);
      return may(actor, 'publish') ? server(actor.name) : LACKS_SCOPE;
    }
    // A secret that was rotated out verifies grants, and is no server.
    const current = config.keys.secret === undefined ? undefined : signingSecrets(config)[0];
    if (current && sameSecret(token, current.secret)) return server(current.id);
    return identities.identify(app, proofs);
  };
}

const LACKS_SCOPE: Identified = { ok: false, code: 'admin.forbidden', reason: 'the key lacks the scope `publish`' };
