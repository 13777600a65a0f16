import type { Endpoint } from '../http/call.ts';
import { CHANNELS, USERS } from './kinds.ts';
import { MEMBERSHIPS } from './memberships.ts';
import { metadataEndpoints } from './metadata.ts';

/** App context: what an app writes down about users and channels, and who belongs where. */
export const endpoints: readonly Endpoint[] = [
  ...metadataEndpoints(USERS),
  ...metadataEndpoints(CHANNELS),
  ...MEMBERSHIPS,
];
