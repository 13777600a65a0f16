import type { Timetoken } from '@portcullis/engine';
import type { Query } from '../http/call.ts';

/** 100 ns units in one millisecond. */
const TICKS_PER_MS = 10_000n;

export type AskedCursor =
  /** The client does not know where it stands: a handshake. */
  | { readonly type: 'none' }
  | { readonly type: 'at'; readonly timetoken: Timetoken }
  | { readonly type: 'malformed'; readonly parameter: 'tt' | 'tr' };

export interface CursorHome {
  /** The region that this process writes into cursors, as other processes do most likely not. */
  readonly region: number;
  /** ms since 1970: cursors of this process are younger. */
  readonly since: number;
  /** ms. */
  readonly margin: number;
}

/**
 * Where a poll goes on. A cursor counts the order in which this very process saw things arrive. One of another node, or
 * from before a restart, is worth its time alone and is taken back by the margin: it may repeat, so that it never skips.
 */
export function readCursor(query: Query, { region, since, margin }: CursorHome): AskedCursor {
  const tt = query.get('tt') ?? '0';
  const tr = query.get('tr') ?? '0';
  if (!/^\d{1,19}$/.test(tt)) return { type: 'malformed', parameter: 'tt' };
  if (!/^-?\d{1,10}$/.test(tr)) return { type: 'malformed', parameter: 'tr' };
  const timetoken = BigInt(tt);
  if (timetoken === 0n) return { type: 'none' };
  const asked = Number(tr);
  // There are few regions, and a process before this one can have had the same.
  const own = (asked === region || asked === 0) && timetoken >= ticks(since);
  if (own) return { type: 'at', timetoken };
  const back = timetoken - ticks(margin);
  return { type: 'at', timetoken: back > 0n ? back : 1n };
}

const ticks = (ms: number): bigint => BigInt(Math.floor(ms)) * TICKS_PER_MS;
