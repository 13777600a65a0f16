import type { Log } from '@portcullis/engine';
import type { Migration } from './migration.ts';
import { MIGRATIONS } from './migrations.ts';
import { damaged, newerSchema } from './open-error.ts';
import type { SqlThread } from './thread/sql-thread.ts';

/** Brings the tables to the shape this version works with. Throws a `StoreOpenError` if they are of a newer one. */
export async function migrate(
  sql: SqlThread,
  {
    file,
    log,
    migrations = MIGRATIONS,
  }: { readonly file: string; readonly log: Log; readonly migrations?: readonly Migration[] },
): Promise<void> {
  const found = await schemaVersion(sql, file);
  const known = migrations.at(-1)?.version ?? 0;
  if (found > known) throw newerSchema(file, found, known);
  for (const { version, name, statements } of migrations) {
    if (version <= found) continue;
    await sql.write([
      ...statements.map((statement) => [statement] as const),
      ['INSERT INTO schema_version (version, name) VALUES (?, ?)', version, name],
    ]);
    log.info('store.migrated', { file, schema: version, name });
  }
}

/** 0 for a file without tables. */
async function schemaVersion(sql: SqlThread, file: string): Promise<number> {
  const names = new Set((await sql.read(`SELECT name FROM sqlite_schema WHERE type = 'table'`)).map(([name]) => name));
  if (names.size === 0) return 0;
  if (!names.has('schema_version')) throw damaged(file, 'its schema_version is missing');
  const [row] = await sql.read('SELECT coalesce(max(version), 0) FROM schema_version');
  return Number(row?.[0] ?? 0);
}
