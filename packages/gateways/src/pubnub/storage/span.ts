import type { RangeBounds, Timetoken } from '@portcullis/engine';
import { timetokenOf } from '../ask/parameters.ts';
import type { Query } from '../http/call.ts';

export type Span = { readonly ok: true; readonly bounds: RangeBounds } | { readonly ok: false; readonly bad: string };

/**
 * `start` and `end` of a call: `start` is never part of the range and `end` always is, whichever of them is the older.
 * Alone, `start` is where a reader walks away from and `end` where it stops: into the past, or with `forward` to the present.
 */
export function readSpan(query: Query, forward = false): Span {
  const start = timetokenOf(query, 'start');
  const end = timetokenOf(query, 'end');
  if (start === 'bad') return { ok: false, bad: 'start' };
  if (end === 'bad') return { ok: false, bad: 'end' };
  return { ok: true, bounds: boundsOf(start, end, forward) };
}

function boundsOf(start: Timetoken | undefined, end: Timetoken | undefined, forward: boolean): RangeBounds {
  const ahead = start !== undefined && end !== undefined ? start < end : forward;
  return ahead
    ? { ...(start !== undefined && { newerThan: start }), ...(end !== undefined && { notNewerThan: end }) }
    : { ...(start !== undefined && { olderThan: start }), ...(end !== undefined && { notOlderThan: end }) };
}
