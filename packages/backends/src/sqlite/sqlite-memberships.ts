import type {
  Expecting,
  MembershipKey,
  MembershipRow,
  MembershipsOf,
  PageQuery,
  PutOutcome,
  Told,
} from '@portcullis/engine';
import { atMost } from './integers.ts';
import { addEntries } from './outbox-sql.ts';
import { fromText, toText } from './sql-text.ts';
import type { StoreCalls } from './store-calls.ts';
import type { Row } from './thread/protocol.ts';
import { SqlRefusal } from './thread/sql-errors.ts';
import type { Command } from './thread/sql-thread.ts';

const COLUMNS = 'memberships."user", memberships.channel, fields, updated, etag';

const PUT = `INSERT INTO memberships (app, "user", channel, fields, updated, etag) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (app, "user", channel) DO
  UPDATE SET fields = excluded.fields, updated = excluded.updated, etag = excluded.etag`;

/** Changes a row, to what it is, only if each of the rows is as it is expected to be: user, channel and etag, as JSON. */
const AS_EXPECTED = `UPDATE numbers SET value = value WHERE name = 'next_id' AND NOT EXISTS (
    SELECT 1 FROM json_each(?2) AS row
    LEFT JOIN memberships ON app = ?1 AND "user" = row.value ->> 0 AND channel = row.value ->> 1
    WHERE etag IS NOT row.value ->> 2)`;

/** Of users and channels as JSON. */
const NAMED = `FROM json_each(?2) AS named
  CROSS JOIN memberships ON app = ?1 AND "user" = named.value ->> 0 AND channel = named.value ->> 1`;

/** Who belongs where. */
export class SqliteMemberships {
  protected readonly calls: StoreCalls;

  constructor(calls: StoreCalls) {
    this.calls = calls;
  }

  async membership(app: string, { user, channel }: MembershipKey): Promise<MembershipRow | null> {
    const one = `SELECT ${COLUMNS} FROM memberships WHERE app = ? AND "user" = ? AND channel = ?`;
    const [row] = await this.calls.read(one, toText(app), toText(user), toText(channel));
    return row ? toMembership(row) : null;
  }

  async putMemberships(app: string, rows: readonly (MembershipRow & Expecting)[], told?: Told): Promise<PutOutcome> {
    const expected = rows.flatMap(({ user, channel, expectedEtag: etag }) =>
      etag === undefined ? [] : [[toText(user), toText(channel), etag === null ? null : toText(etag)]],
    );
    const guard: Command = [AS_EXPECTED, toText(app), JSON.stringify(expected)];
    try {
      const commands = [guard, ...rows.map((row) => putting(app, row)), ...addEntries(told)];
      await this.calls.write(commands, { guarded: true });
      return 'put';
    } catch (error) {
      if (error instanceof SqlRefusal && error.kind === 'guard') return 'conflict';
      throw error;
    }
  }

  async deleteMemberships(
    app: string,
    keys: readonly MembershipKey[],
    told?: (key: MembershipKey) => Told,
  ): Promise<readonly MembershipRow[]> {
    if (told) return this.#deleteTold(app, keys, told);
    const named = JSON.stringify(keys.map(({ user, channel }) => [toText(user), toText(channel)]));
    const { rows } = await this.calls.readAndWrite(
      [`SELECT DISTINCT ${COLUMNS} ${NAMED}`, toText(app), named],
      [`DELETE FROM memberships WHERE rowid IN (SELECT memberships.rowid ${NAMED})`, toText(app), named],
    );
    return rows.map(toMembership);
  }

  /** One by one, each with what is told of it if it was there; in one turn, and so in one transaction. */
  async #deleteTold(app: string, keys: readonly MembershipKey[], told: (key: MembershipKey) => Told) {
    const one = 'app = ? AND "user" = ? AND channel = ?';
    const gone = keys.map(async (key) => {
      const named = [toText(app), toText(key.user), toText(key.channel)] as const;
      const { rows } = await this.calls.readAndWrite(
        [`SELECT ${COLUMNS} FROM memberships WHERE ${one}`, ...named],
        [`DELETE FROM memberships WHERE ${one}`, ...named],
        told(key),
      );
      return rows.map(toMembership);
    });
    return (await Promise.all(gone)).flat();
  }

  async memberships(
    app: string,
    of: MembershipsOf,
    { after = '', limit }: PageQuery,
  ): Promise<readonly MembershipRow[]> {
    const { side, other, id } = sideOf(of);
    const page = `SELECT ${COLUMNS} FROM memberships
      WHERE app = ? AND ${side} = ? AND ${other} > ? ORDER BY ${other} LIMIT ?`;
    const rows = await this.calls.read(page, toText(app), id, toText(after), atMost(limit));
    return rows.map(toMembership);
  }

  async countMemberships(app: string, of: MembershipsOf): Promise<number> {
    const { side, id } = sideOf(of);
    const counted = `SELECT count(*) FROM memberships WHERE app = ? AND ${side} = ?`;
    const [row] = await this.calls.read(counted, toText(app), id);
    return Number(row?.[0] ?? 0);
  }
}

function sideOf(of: MembershipsOf) {
  if ('user' in of) return { side: '"user"', other: 'channel', id: toText(of.user) } as const;
  return { side: 'channel', other: '"user"', id: toText(of.channel) } as const;
}

function putting(app: string, { user, channel, fields, updated, etag }: MembershipRow): Command {
  return [PUT, toText(app), toText(user), toText(channel), JSON.stringify(fields), updated, toText(etag)];
}

function toMembership([user, channel, fields, updated, etag]: Row): MembershipRow {
  return {
    user: fromText(String(user)),
    channel: fromText(String(channel)),
    fields: JSON.parse(String(fields)),
    updated: Number(updated),
    etag: fromText(String(etag)),
  };
}
