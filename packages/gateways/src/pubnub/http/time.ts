import type { Endpoint } from './call.ts';

/** `[<timetoken>]`, a bare number as the vendor sends it, though it does not fit a JavaScript number. */
export const time: Endpoint = {
  method: 'GET',
  path: '/time/0',
  callers: 'open',
  handle: (_, { engine }) => ({ status: 200, type: 'javascript', body: `[${timetokenAt(engine.now())}]` }),
};

/** ms since 1970 as a timetoken. */
export const timetokenAt = (now: number): bigint => BigInt(Math.floor(now)) * 10_000n;
