import type { ObjectKind, ObjectRow, PageQuery, PutOutcome, StoreObjects, Told } from '@portcullis/engine';
import { atMost } from './integers.ts';
import { fromText, toText } from './sql-text.ts';
import { SqliteMemberships } from './sqlite-memberships.ts';
import type { Row } from './thread/protocol.ts';
import type { Command } from './thread/sql-thread.ts';

const INSERT = `INSERT INTO objects (app, kind, id, fields, updated, etag) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
  ON CONFLICT (app, kind, id) DO`;
const PUT = `${INSERT} UPDATE SET fields = excluded.fields, updated = excluded.updated, etag = excluded.etag`;
const PUT_NEW = `${INSERT} NOTHING`;
const PUT_OVER = `UPDATE objects SET fields = ?4, updated = ?5, etag = ?6
  WHERE app = ?1 AND kind = ?2 AND id = ?3 AND etag = ?7`;

const SELECT = 'SELECT id, fields, updated, etag FROM objects WHERE app = ? AND kind = ?';

/** App context: users and channels, and who belongs where. */
export class SqliteObjects extends SqliteMemberships implements StoreObjects {
  async object(app: string, kind: ObjectKind, id: string): Promise<ObjectRow | null> {
    const [row] = await this.calls.read(`${SELECT} AND id = ?`, toText(app), kind, toText(id));
    return row ? toObject(row) : null;
  }

  async putObject(
    app: string,
    kind: ObjectKind,
    row: ObjectRow,
    expectedEtag?: string | null,
    told?: Told,
  ): Promise<PutOutcome> {
    const written = await this.calls.writeTold(putting(app, kind, row, expectedEtag), told);
    return written ? 'put' : 'conflict';
  }

  async deleteObject(app: string, kind: ObjectKind, id: string, told?: Told): Promise<boolean> {
    const deleted = [
      'DELETE FROM objects WHERE app = ? AND kind = ? AND id = ?',
      toText(app),
      kind,
      toText(id),
    ] as const;
    return this.calls.writeTold(deleted, told);
  }

  async objects(app: string, kind: ObjectKind, { after = '', limit }: PageQuery): Promise<readonly ObjectRow[]> {
    const page = `${SELECT} AND id > ? ORDER BY id LIMIT ?`;
    const rows = await this.calls.read(page, toText(app), kind, toText(after), atMost(limit));
    return rows.map(toObject);
  }

  async countObjects(app: string, kind: ObjectKind): Promise<number> {
    const counted = 'SELECT count(*) FROM objects WHERE app = ? AND kind = ?';
    const [row] = await this.calls.read(counted, toText(app), kind);
    return Number(row?.[0] ?? 0);
  }
}

function putting(
  app: string,
  kind: ObjectKind,
  { id, fields, updated, etag }: ObjectRow,
  expectedEtag: string | null | undefined,
): Command {
  const values = [toText(app), kind, toText(id), JSON.stringify(fields), updated, toText(etag)] as const;
  if (expectedEtag === undefined) return [PUT, ...values];
  if (expectedEtag === null) return [PUT_NEW, ...values];
  return [PUT_OVER, ...values, toText(expectedEtag)];
}

function toObject([id, fields, updated, etag]: Row): ObjectRow {
  return {
    id: fromText(String(id)),
    fields: JSON.parse(String(fields)),
    updated: Number(updated),
    etag: fromText(String(etag)),
  };
}
