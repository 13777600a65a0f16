import type { Endpoint } from '../http/call.ts';
import { type GrantDeps, grantEndpoint } from './grant.ts';
import { type RevokeDeps, revokeEndpoint } from './revoke.ts';

/** The Access Manager's administration. */
export function createAccessEndpoints(deps: GrantDeps & RevokeDeps): readonly Endpoint[] {
  return [grantEndpoint(deps), revokeEndpoint(deps)];
}
