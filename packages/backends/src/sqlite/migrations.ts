import type { Migration } from './migration.ts';
import { MIGRATION_2 } from './migration-2.ts';
import { MIGRATION_3 } from './migration-3.ts';
import { MIGRATION_4 } from './migration-4.ts';
import { MIGRATION_5 } from './migration-5.ts';

/** Never changed once released: a new shape of the tables is a new migration. */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: 'apps, authority, history, trail',
    statements: [
      `CREATE TABLE schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT`,

      // Numbers that only rise.
      `CREATE TABLE numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
      `INSERT INTO numbers VALUES ('next_id', 1000000), ('timetoken', 0)`,

      // A deleted app keeps its row and its epoch, without settings.
      `CREATE TABLE apps (app TEXT PRIMARY KEY, epoch INTEGER NOT NULL, settings TEXT) STRICT, WITHOUT ROWID`,
      `CREATE TABLE authority (
         app TEXT NOT NULL REFERENCES apps,
         kind TEXT NOT NULL CHECK (kind IN ('rule', 'revocation', 'ban')),
         id INTEGER NOT NULL,
         body TEXT NOT NULL,
         PRIMARY KEY (app, kind, id)
       ) STRICT, WITHOUT ROWID`,

      // A channel's head: the newest item it ever kept. AUTOINCREMENT: a deleted channel's id is never another's.
      `CREATE TABLE channels (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         app TEXT NOT NULL,
         channel TEXT NOT NULL,
         epoch TEXT NOT NULL,
         "offset" INTEGER NOT NULL,
         timetoken INTEGER NOT NULL,
         UNIQUE (app, channel)
       ) STRICT`,
      // "shelf" is '' for the channel's own items, or the pair of users a private one belongs to.
      `CREATE TABLE history (
         id INTEGER PRIMARY KEY,
         channel INTEGER NOT NULL,
         shelf TEXT NOT NULL,
         timetoken INTEGER NOT NULL,
         epoch TEXT NOT NULL,
         "offset" INTEGER NOT NULL,
         stamp INTEGER NOT NULL,
         kind TEXT NOT NULL,
         audience TEXT NOT NULL,
         sender TEXT,
         "table" TEXT,
         "row" TEXT,
         data TEXT NOT NULL
       ) STRICT`,
      `CREATE UNIQUE INDEX history_place ON history (channel, shelf, timetoken)`,
      // Channels of deleted apps, whose items are swept away little by little.
      `CREATE TABLE retired (channel INTEGER PRIMARY KEY) STRICT`,

      `CREATE TABLE audit (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         at INTEGER NOT NULL,
         app TEXT,
         actor TEXT NOT NULL,
         action TEXT NOT NULL,
         detail TEXT NOT NULL
       ) STRICT`,
      `CREATE INDEX audit_app ON audit (app, id)`,
      // "rule" is -1 where no rule decided: NULLs would never be equal to each other.
      `CREATE TABLE denials (
         id INTEGER PRIMARY KEY,
         minute INTEGER NOT NULL,
         app TEXT NOT NULL,
         code TEXT NOT NULL,
         principal TEXT NOT NULL,
         rule INTEGER NOT NULL,
         count INTEGER NOT NULL
       ) STRICT`,
      `CREATE UNIQUE INDEX denials_row ON denials (app, minute, code, principal, rule)`,
      `CREATE INDEX denials_minute ON denials (minute)`,
    ],
  },
  MIGRATION_2,
  MIGRATION_3,
  MIGRATION_4,
  MIGRATION_5,
];
