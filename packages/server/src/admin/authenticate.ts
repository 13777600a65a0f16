import type { Clock, Log } from '@portcullis/engine';
import type { ServerSettings } from '../config/index.ts';
import { bearerOf, type HttpContext, peerIn } from '../http/context.ts';
import { HttpProblem } from '../http/problem.ts';
import { actorOf, sameSecret } from './api-key.ts';
import type { ApiKeys } from './api-keys.ts';
import { FailedLogins } from './failed-logins.ts';
import { type Actor, ADMIN } from './scopes.ts';

export interface AuthenticateDeps {
  /** Read at every request: a reload may have changed it. */
  readonly server: () => Pick<ServerSettings, 'adminToken' | 'failedLogins'>;
  readonly keys: ApiKeys;
  readonly clock: Clock;
  readonly log: Log;
}

/** Tells from the bearer token who makes a call, or throws the problem it is answered with. */
export function createAuthenticator({ server, keys, clock, log }: AuthenticateDeps): (c: HttpContext) => Actor {
  const failed = new FailedLogins();
  return (c) => {
    const { address } = peerIn(c);
    const { adminToken, failedLogins } = server();
    const wait = failed.heldOff(address, clock.now(), failedLogins);
    if (wait > 0) {
      throw new HttpProblem('limit.ratePerAddress', {
        detail: 'Too many calls with a wrong token came from this address.',
        headers: { 'retry-after': String(Math.ceil(wait / 1_000)) },
      });
    }
    const token = bearerOf(c);
    if (token === undefined) throw unauthorised('Send `Authorization: Bearer` with the admin token or an API key.');
    if (adminToken !== undefined && sameSecret(token, adminToken)) return ADMIN;
    const key = keys.find(token, clock.now());
    if (key) return actorOf(key);
    failed.failed(address, clock.now());
    log.warn('admin.refused', { address, path: c.req.path });
    throw unauthorised(
      adminToken === undefined
        ? 'The token is no API key, and no admin token is set: set `server.adminToken`.'
        : 'The token is neither the admin token nor an API key.',
    );
  };
}

function unauthorised(detail: string): HttpProblem {
  return new HttpProblem('admin.unauthorised', { detail, headers: { 'www-authenticate': 'Bearer' } });
}
