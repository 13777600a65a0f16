import type { Action, ActionsQuery, AddedAction, NewAction, StoreActions, Timetoken, Told } from '@portcullis/engine';
import { atMost, clamped, MAX_INTEGER } from './integers.ts';
import { fromText, toText } from './sql-text.ts';
import type { StoreCalls } from './store-calls.ts';
import type { Row } from './thread/protocol.ts';

/** More than any message has. */
const MOST = Number.MAX_SAFE_INTEGER;

const CHANNEL = '(SELECT id FROM channels WHERE app = ?1 AND channel = ?2)';
const MESSAGE = `channel = ${CHANNEL} AND shelf = '' AND timetoken = ?3`;
const OPEN_MESSAGE = `${MESSAGE} AND (expires_at IS NULL OR expires_at > ?4)`;

const HAS_SAID = `SELECT EXISTS (
    SELECT 1 FROM actions
    WHERE message = history.id AND type = ?5 AND value = ?6 AND "user" = ?7 AND proven = ?8),
  (SELECT count(*) FROM actions WHERE message = history.id)
  FROM history WHERE ${OPEN_MESSAGE}`;

const ADD = `INSERT INTO actions (message, channel, type, value, "user", proven, timetoken)
  SELECT id, channel, ?5, ?6, ?7, ?8, ?9 FROM history WHERE ${OPEN_MESSAGE}
    AND (SELECT count(*) FROM actions WHERE message = history.id) < ?10
  ON CONFLICT DO NOTHING`;

const COLUMNS =
  'history.timetoken, actions.timetoken, actions.type, actions.value, actions."user", actions.proven, history.audience';

const LIST = `SELECT ${COLUMNS} FROM actions CROSS JOIN history ON history.id = actions.message
  WHERE actions.channel = ${CHANNEL} AND actions.timetoken < ?3 AND actions.timetoken >= ?4
    AND (expires_at IS NULL OR expires_at > ?5)
  ORDER BY actions.timetoken DESC LIMIT ?6`;

const OF_MESSAGES = `SELECT ${COLUMNS}
  FROM json_each(?3) AS asked
  CROSS JOIN history ON history.channel = ${CHANNEL} AND shelf = '' AND history.timetoken = asked.value
  CROSS JOIN actions ON actions.message = history.id
  ORDER BY history.timetoken, actions.timetoken`;

const ONE = `SELECT ${COLUMNS} FROM actions CROSS JOIN history ON history.id = actions.message
  WHERE actions.channel = ${CHANNEL} AND actions.timetoken = ?4 AND history.timetoken = ?3`;

const REMOVE = `DELETE FROM actions
  WHERE channel = ${CHANNEL} AND timetoken = ?4 AND message = (SELECT id FROM history WHERE ${MESSAGE})`;

/** Actions on messages. Each row hangs on its message's, and goes with it. */
export class SqliteActions implements StoreActions {
  readonly #calls: StoreCalls;

  constructor(calls: StoreCalls) {
    this.#calls = calls;
  }

  async addAction({ app, channel, now, most = MOST, ...action }: NewAction, told?: Told): Promise<AddedAction> {
    const { messageTimetoken, timetoken, type, value, user, proven } = action;
    const message = [toText(app), toText(channel), clamped(messageTimetoken), now] as const;
    const said = [toText(type), toText(value), toText(user), proven ? 1 : 0] as const;
    const { rows, changed } = await this.#calls.readAndWrite(
      [HAS_SAID, ...message, ...said],
      [ADD, ...message, ...said, clamped(timetoken), most],
      told,
    );
    if (changed) return 'added';
    const [row] = rows;
    if (!row) return 'no-message';
    if (row[0] === 1n) return 'exists';
    return Number(row[1]) >= most ? 'full' : 'taken';
  }

  async actions({ app, channel, olderThan, notOlderThan, limit, now }: ActionsQuery): Promise<readonly Action[]> {
    const bounds = [clamped(olderThan ?? MAX_INTEGER), clamped(notOlderThan ?? 0n)] as const;
    const rows = await this.#calls.read(LIST, toText(app), toText(channel), ...bounds, now, atMost(limit));
    return rows.map(toAction).reverse();
  }

  async actionsOf(app: string, channel: string, messageTimetokens: readonly Timetoken[]): Promise<readonly Action[]> {
    const asked = `[${[...new Set(messageTimetokens.map(clamped))].join()}]`;
    const rows = await this.#calls.read(OF_MESSAGES, toText(app), toText(channel), asked);
    return rows.map(toAction);
  }

  async action(app: string, channel: string, message: Timetoken, timetoken: Timetoken): Promise<Action | null> {
    const [row] = await this.#calls.read(ONE, toText(app), toText(channel), clamped(message), clamped(timetoken));
    return row ? toAction(row) : null;
  }

  async removeAction(
    app: string,
    channel: string,
    message: Timetoken,
    timetoken: Timetoken,
    told?: Told,
  ): Promise<boolean> {
    const removed = [REMOVE, toText(app), toText(channel), clamped(message), clamped(timetoken)] as const;
    return this.#calls.writeTold(removed, told);
  }
}

function toAction([message, timetoken, type, value, user, proven, audience]: Row): Action {
  return {
    messageTimetoken: BigInt(message ?? 0),
    timetoken: BigInt(timetoken ?? 0),
    type: fromText(String(type)),
    value: fromText(String(value)),
    user: fromText(String(user)),
    proven: proven === 1n,
    audience: JSON.parse(String(audience)),
  };
}
