import {
  assertKeepable,
  type HistoryItem,
  type HistoryQuery,
  type KeyedItem,
  type KeyedQuery,
  type LogHead,
  type Publication,
  type PublicationKind,
  shelfName,
} from '@portcullis/engine';
import { atMost, MAX_INTEGER } from './integers.ts';
import { fromText, toText } from './sql-text.ts';
import type { Row } from './thread/protocol.ts';
import type { Command } from './thread/sql-thread.ts';

/** One item as rows: its channel's head, and itself. The head comes first, as it makes the channel's id. */
export interface ItemCommands {
  /** Of the channel in its app, for what is said once for several items. */
  readonly channel: string;
  readonly head: Command;
  readonly item: Command;
  readonly shelf: string;
}

/** Throws a `TypeError` for what is never kept. */
export function toItemCommands({ publication, expiresAt }: HistoryItem): ItemCommands {
  const { position, shelf } = assertKeepable(publication);
  const { timetoken, stamp, kind, audience, sender, table, row, data, meta, customType, once } = publication;
  const [app, channel] = [toText(publication.app), toText(publication.channel)];
  const epoch = toText(position.epoch);
  return {
    channel: `${app.length}:${app}${channel}`,
    shelf,
    head: [RAISE_HEAD, app, channel, epoch, position.offset, timetoken],
    item: [
      ADD_ITEM,
      app,
      channel,
      shelf,
      timetoken,
      epoch,
      position.offset,
      stamp,
      kind,
      JSON.stringify(audience),
      sender === null ? null : JSON.stringify(sender),
      table === undefined ? null : JSON.stringify(table),
      row === undefined ? null : JSON.stringify(row),
      data,
      meta ?? null,
      customType === undefined ? null : toText(customType),
      expiresAt === undefined ? null : Math.min(Math.ceil(expiresAt), Number.MAX_SAFE_INTEGER),
      once === undefined ? null : toText(once),
    ],
  };
}

const RAISE_HEAD = `INSERT INTO channels (app, channel, epoch, "offset", timetoken) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (app, channel) DO UPDATE
  SET epoch = excluded.epoch, "offset" = excluded."offset", timetoken = excluded.timetoken
  WHERE excluded.timetoken > channels.timetoken`;

const ADD_ITEM = `INSERT INTO history
  (channel, shelf, timetoken, epoch, "offset", stamp, kind, audience, sender, "table", "row", data,
   meta, custom_type, expires_at, once)
  VALUES ((SELECT id FROM channels WHERE app = ? AND channel = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Takes away all but the newest `keep` of a shelf: one look at the index for what is kept, and one for each that goes. */
export function trimShelf({ app, channel }: Publication, shelf: string, keep: number): Command {
  return [
    `DELETE FROM history
     WHERE channel = (SELECT id FROM channels WHERE app = ?1 AND channel = ?2) AND shelf = ?3
       AND timetoken <= (
         SELECT timetoken FROM history
         WHERE channel = (SELECT id FROM channels WHERE app = ?1 AND channel = ?2) AND shelf = ?3
         ORDER BY timetoken DESC LIMIT 1 OFFSET ?4)`,
    toText(app),
    toText(channel),
    shelf,
    keep,
  ];
}

/** Takes away a few hundred items of channels that were deleted, then the note that they were. No change: none is left. */
export const SWEEP: readonly Command[] = [
  [
    `DELETE FROM history WHERE id IN (
       SELECT history.id FROM retired CROSS JOIN history ON history.channel = retired.channel LIMIT 500)`,
  ],
  [
    `DELETE FROM retired WHERE channel IN (
       SELECT channel FROM retired
       WHERE NOT EXISTS (SELECT 1 FROM history WHERE history.channel = retired.channel) LIMIT 500)`,
  ],
];

export function selectHistory(query: HistoryQuery): Command {
  const { app, channel, limit, scope, before, after, maxBytes, now, among, from } = query;
  return [
    SELECT_HISTORY[from ?? 'newest'][among === undefined ? 'all' : 'among'],
    toText(app),
    toText(channel),
    shelfName(scope),
    before ?? MAX_INTEGER,
    after ?? -1n,
    now ?? -1,
    atMost(limit),
    Math.min(maxBytes ?? Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    ...(among === undefined ? [] : [atMost(among)]),
  ];
}

/** What `toPublication` reads. */
export const ITEM_COLUMNS =
  'timetoken, epoch, "offset", stamp, kind, audience, sender, "table", "row", data, meta, custom_type';

const SHELF = `channel = (SELECT id FROM channels WHERE app = ?1 AND channel = ?2) AND shelf = ?3
  AND (expires_at IS NULL OR expires_at > ?6)`;

/** Only the newest so many of the shelf. */
const AMONG = `AND timetoken >= coalesce((
  SELECT min(timetoken) FROM (SELECT timetoken FROM history WHERE ${SHELF} ORDER BY timetoken DESC LIMIT ?9)), 0)`;

/** The first item is the one whose bytes are all of the bytes so far. */
const historyFrom = (order: 'ASC' | 'DESC', among: string) => `SELECT ${ITEM_COLUMNS}
  FROM (
    SELECT *, sum(octet_length(data)) OVER (ORDER BY timetoken ${order} ROWS UNBOUNDED PRECEDING) AS bytes
    FROM (
      SELECT * FROM history WHERE ${SHELF} AND timetoken < ?4 AND timetoken > ?5 ${among}
      ORDER BY timetoken ${order} LIMIT ?7))
  WHERE bytes <= ?8 OR bytes = octet_length(data)
  ORDER BY timetoken`;

const SELECT_HISTORY = {
  newest: { all: historyFrom('DESC', ''), among: historyFrom('DESC', AMONG) },
  oldest: { all: historyFrom('ASC', ''), among: historyFrom('ASC', AMONG) },
} as const;

export function toPublication({ app, channel }: Pick<Publication, 'app' | 'channel'>, cells: Row): Publication {
  const [timetoken, epoch, offset, stamp, kind, audience, sender, table, row, data, meta, customType] = cells;
  return {
    app,
    channel,
    kind: String(kind) as PublicationKind,
    audience: JSON.parse(String(audience)),
    sender: sender === null ? null : JSON.parse(String(sender)),
    data: String(data),
    ...(table === null ? {} : { table: JSON.parse(String(table)) }),
    ...(row === null ? {} : { row: JSON.parse(String(row)) }),
    ...(meta === null ? {} : { meta: String(meta) }),
    ...(customType === null ? {} : { customType: fromText(String(customType)) }),
    logged: true,
    position: { epoch: fromText(String(epoch)), offset: Number(offset) },
    timetoken: BigInt(timetoken ?? 0),
    stamp: Number(stamp),
    seq: 0,
  };
}

export function selectKeyed({ app, channel, after, limit }: KeyedQuery): Command {
  return [
    `SELECT once, epoch, "offset", timetoken FROM history
     WHERE channel = (SELECT id FROM channels WHERE app = ? AND channel = ?) AND once IS NOT NULL AND timetoken > ?
     ORDER BY timetoken DESC LIMIT ?`,
    toText(app),
    toText(channel),
    after,
    atMost(limit),
  ];
}

export function toKeyed([once, epoch, offset, timetoken]: Row): KeyedItem {
  return {
    once: fromText(String(once)),
    position: { epoch: fromText(String(epoch)), offset: Number(offset) },
    timetoken: BigInt(timetoken ?? 0),
  };
}

export function selectHead(app: string, channel: string): Command {
  return [
    'SELECT epoch, "offset", timetoken FROM channels WHERE app = ? AND channel = ?',
    toText(app),
    toText(channel),
  ];
}

export function countChannels(app: string): Command {
  return ['SELECT count(*) FROM channels WHERE app = ?', toText(app)];
}

export function toHead([epoch, offset, timetoken]: Row): LogHead {
  return { epoch: fromText(String(epoch)), offset: Number(offset), timetoken: BigInt(timetoken ?? 0) };
}
