import type { Migration } from './migration.ts';

export const MIGRATION_4: Migration = {
  version: 4,
  name: 'events on their way, dead letters, listeners',
  statements: [
    `CREATE TABLE outbox (
       seq INTEGER PRIMARY KEY,
       app TEXT NOT NULL,
       action TEXT NOT NULL,
       channel TEXT NOT NULL,
       event TEXT NOT NULL,
       at INTEGER NOT NULL,
       attempts INTEGER NOT NULL DEFAULT 0,
       due INTEGER NOT NULL DEFAULT 0
     ) STRICT`,
    `CREATE INDEX outbox_action ON outbox (app, action, seq)`,
    `CREATE INDEX outbox_channel ON outbox (app, action, channel, seq)`,
    `CREATE TABLE dead_letters (
       seq INTEGER PRIMARY KEY,
       app TEXT NOT NULL,
       action TEXT NOT NULL,
       channel TEXT NOT NULL,
       event TEXT NOT NULL,
       at INTEGER NOT NULL,
       attempts INTEGER NOT NULL,
       died_at INTEGER NOT NULL,
       reason TEXT NOT NULL
     ) STRICT`,
    `CREATE INDEX dead_letters_app ON dead_letters (app, seq)`,
    `CREATE TABLE listeners (
       app TEXT NOT NULL,
       name TEXT NOT NULL,
       body TEXT NOT NULL,
       UNIQUE (app, name)
     ) STRICT`,
  ],
};
