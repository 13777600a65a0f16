export { StoreOpenError } from './open-error.ts';
export { openSqliteStore, type SqliteStoreOptions } from './open-store.ts';
