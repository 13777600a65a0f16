import { randomFillSync } from 'node:crypto';
import type { Ids } from '@portcullis/engine';

const SESSION_BYTES = 18;
const EPOCH_BYTES = 12;

/** Randomness is fetched this much at a time: asking for a few bytes costs as much. What was given out is wiped. */
const pool = Buffer.alloc(4_096);
let at = pool.length;

function take(bytes: number): string {
  if (at + bytes > pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  const text = pool.toString('base64url', at, at + bytes);
  pool.fill(0, at, at + bytes);
  at += bytes;
  return text;
}

/** Ids from the machine's random source, in base64url. */
export const nodeIds: Ids = {
  session: () => take(SESSION_BYTES),
  epoch: () => take(EPOCH_BYTES),
};
