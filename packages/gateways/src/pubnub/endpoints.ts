import { endpoints as files } from './files/index.ts';
import { endpoints as groups } from './groups/index.ts';
import type { Endpoint } from './http/call.ts';
import { endpoints as messaging } from './messaging/index.ts';
import { endpoints as objects } from './objects/index.ts';
import { endpoints as presence } from './presence/index.ts';
import { endpoints as reactions } from './reactions/index.ts';
import { endpoints as storage } from './storage/index.ts';

/** What clients can ask for at this door, beside time and the administration of access. */
export const endpoints: readonly Endpoint[] = [
  ...messaging,
  ...presence,
  ...groups,
  ...storage,
  ...reactions,
  ...objects,
  ...files,
];
