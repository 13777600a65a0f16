import { randomBytes } from 'node:crypto';
import type { Ids } from '@portcullis/engine';

/** Ids from the machine's random source, in base64url. */
export const nodeIds: Ids = {
  session: () => randomBytes(18).toString('base64url'),
  epoch: () => randomBytes(12).toString('base64url'),
};
