import type { Migration } from './migration.ts';

export const MIGRATION_3: Migration = {
  version: 3,
  name: 'triggers',
  statements: [
    // "spec" is JSON.
    `CREATE TABLE triggers (
       app TEXT NOT NULL REFERENCES apps,
       id INTEGER NOT NULL,
       spec TEXT NOT NULL,
       UNIQUE (app, id)
     ) STRICT`,
  ],
};
