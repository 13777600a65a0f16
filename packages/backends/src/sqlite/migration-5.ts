import type { Migration } from './migration.ts';

export const MIGRATION_5: Migration = {
  version: 5,
  name: 'keys of publications',
  statements: [
    'ALTER TABLE history ADD COLUMN once TEXT',
    'CREATE INDEX history_once ON history (channel, timetoken) WHERE once IS NOT NULL',
  ],
};
