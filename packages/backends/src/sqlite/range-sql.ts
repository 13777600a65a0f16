import type { RangeBounds, RangeDeletion, RangeQuery, Timetoken } from '@portcullis/engine';
import { ITEM_COLUMNS } from './history-sql.ts';
import { atMost, clamped, MAX_INTEGER } from './integers.ts';
import { toText } from './sql-text.ts';
import type { SqlValue } from './thread/protocol.ts';
import type { Command } from './thread/sql-thread.ts';

/** The public items of a channel between two timetokens, both exclusive: app, channel, low, high. */
export const IN_RANGE = `channel = (SELECT id FROM channels WHERE app = ?1 AND channel = ?2) AND shelf = ''
  AND timetoken > ?3 AND timetoken < ?4`;

/** Newest or oldest first. */
export function selectRange(query: RangeQuery): Command {
  const { from, now, limit } = query;
  return [
    `SELECT ${ITEM_COLUMNS} FROM history
     WHERE ${IN_RANGE} AND (expires_at IS NULL OR expires_at > ?5)
     ORDER BY timetoken ${from === 'newest' ? 'DESC' : 'ASC'} LIMIT ?6`,
    ...within(query),
    now,
    atMost(limit),
  ];
}

export function selectTimetokens(deletion: RangeDeletion): Command {
  return [`SELECT timetoken FROM history WHERE ${IN_RANGE} ORDER BY timetoken`, ...within(deletion)];
}

export function deleteItems(deletion: RangeDeletion): Command {
  return [`DELETE FROM history WHERE ${IN_RANGE}`, ...within(deletion)];
}

/** Takes away up to `most` of what expired at or before `now`, in ms since 1970, whosever it is. */
export function dropExpired(now: number, most: number): Command {
  return [
    'DELETE FROM history WHERE id IN (SELECT id FROM history WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)',
    now,
    most,
  ];
}

export function justAt(timetoken: Timetoken): RangeBounds {
  return { notOlderThan: timetoken, notNewerThan: timetoken };
}

/** The values of `IN_RANGE`. */
function within(query: RangeDeletion): readonly [SqlValue, SqlValue, SqlValue, SqlValue] {
  const { newerThan = -1n, notOlderThan = 0n, olderThan = MAX_INTEGER, notNewerThan = MAX_INTEGER - 1n } = query;
  const low = newerThan > notOlderThan - 1n ? newerThan : notOlderThan - 1n;
  const high = olderThan < notNewerThan + 1n ? olderThan : notNewerThan + 1n;
  return [toText(query.app), toText(query.channel), clamped(low), clamped(high)];
}
