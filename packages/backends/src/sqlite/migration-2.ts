import type { Migration } from './migration.ts';

export const MIGRATION_2: Migration = {
  version: 2,
  name: 'groups, expiry, actions, app context, files',
  statements: [
    // "channels" is JSON.
    `CREATE TABLE channel_groups (
       app TEXT NOT NULL REFERENCES apps,
       "group" TEXT NOT NULL,
       channels TEXT NOT NULL,
       UNIQUE (app, "group")
     ) STRICT`,

    `ALTER TABLE history ADD COLUMN meta TEXT`,
    `ALTER TABLE history ADD COLUMN custom_type TEXT`,
    // ms since 1970.
    `ALTER TABLE history ADD COLUMN expires_at INTEGER`,
    `CREATE INDEX history_expiry ON history (expires_at) WHERE expires_at IS NOT NULL`,

    // Whatever takes a message away takes these along.
    `CREATE TABLE actions (
       id INTEGER PRIMARY KEY,
       message INTEGER NOT NULL REFERENCES history ON DELETE CASCADE,
       channel INTEGER NOT NULL,
       timetoken INTEGER NOT NULL,
       type TEXT NOT NULL,
       value TEXT NOT NULL,
       "user" TEXT NOT NULL,
       proven INTEGER NOT NULL
     ) STRICT`,
    `CREATE UNIQUE INDEX actions_said ON actions (message, type, value, "user", proven)`,
    `CREATE UNIQUE INDEX actions_place ON actions (channel, timetoken)`,

    // "updated" is in µs since 1970.
    `CREATE TABLE objects (
       app TEXT NOT NULL,
       kind TEXT NOT NULL CHECK (kind IN ('user', 'channel')),
       id TEXT NOT NULL,
       fields TEXT NOT NULL,
       updated INTEGER NOT NULL,
       etag TEXT NOT NULL,
       UNIQUE (app, kind, id)
     ) STRICT`,
    `CREATE TABLE memberships (
       app TEXT NOT NULL,
       "user" TEXT NOT NULL,
       channel TEXT NOT NULL,
       fields TEXT NOT NULL,
       updated INTEGER NOT NULL,
       etag TEXT NOT NULL,
       UNIQUE (app, "user", channel)
     ) STRICT`,
    `CREATE UNIQUE INDEX memberships_members ON memberships (app, channel, "user")`,

    `CREATE TABLE files (
       app TEXT NOT NULL,
       channel TEXT NOT NULL,
       id TEXT NOT NULL,
       name TEXT NOT NULL,
       size INTEGER NOT NULL,
       type TEXT NOT NULL,
       created_at INTEGER NOT NULL,
       state TEXT NOT NULL CHECK (state IN ('promised', 'stored')),
       audience TEXT NOT NULL,
       expires_at INTEGER,
       UNIQUE (app, channel, id, name)
     ) STRICT`,
    `CREATE INDEX files_newest ON files (app, channel, created_at, id, name) WHERE state = 'stored'`,
    `CREATE INDEX files_expiry ON files (state, expires_at) WHERE expires_at IS NOT NULL`,
    `CREATE INDEX files_sizes ON files (app, size)`,
  ],
};
