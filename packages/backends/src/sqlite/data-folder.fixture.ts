import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MembershipRow, type NewAction, type Publication, SILENT_LOG, type Store } from '@portcullis/engine';
import type { Rule } from '@portcullis/policy';
import { openSqliteStore, type SqliteStoreOptions } from './open-store.ts';

/** Data folders of one test, and the stores opened in them. */
export class DataFolder {
  readonly #paths: string[] = [];
  readonly #stores: Store[] = [];

  async make(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'portcullis-store-'));
    this.#paths.push(path);
    return path;
  }

  /** In a new folder, unless one is named. */
  async open(options: Partial<SqliteStoreOptions> = {}): Promise<Store> {
    const folder = options.folder ?? (await this.make());
    const store = await openSqliteStore({ log: SILENT_LOG, ...options, folder });
    this.#stores.push(store);
    return store;
  }

  /** In the folder made last. */
  async reopen(store: Store, options: Partial<SqliteStoreOptions> = {}): Promise<Store> {
    await store.close();
    return this.open({ ...options, folder: this.#paths.at(-1) ?? '' });
  }

  async clear(): Promise<void> {
    await Promise.all(this.#stores.splice(0).map((store) => store.close()));
    await Promise.all(this.#paths.splice(0).map((path) => rm(path, { recursive: true, force: true })));
  }
}

/** The n-th message of one channel, n from 0. */
export function messageAt(n: number, data = `{"n":${n},"text":"${'x'.repeat(80)}"}`): Publication {
  return {
    app: 'demo',
    channel: 'room',
    kind: 'message',
    audience: { to: 'everyone', anonymous: true },
    sender: null,
    data,
    logged: true,
    position: { epoch: 'epoch-1', offset: n + 1 },
    timetoken: 17_642_345_678_901_237n + BigInt(n),
    stamp: 1,
    seq: 0,
  };
}

/** A reaction to the n-th message. */
export function actionAt(n: number): NewAction {
  const { app, channel, timetoken } = messageAt(n);
  const said = { type: 'reaction', value: `${n}`, user: 'ann', proven: true, now: 0 };
  return { app, channel, messageTimetoken: timetoken, timetoken, ...said };
}

/** Two memberships that are always put together, in their n-th version. */
export function membersAt(n: number): readonly MembershipRow[] {
  return ['ann', 'bob'].map((user) => ({ user, channel: 'room', fields: { n }, updated: n, etag: `${n}` }));
}

/** One rule, in the version of an epoch. */
export function ruleAt(version: number): Rule {
  const off = { enabled: false, authenticatedOnly: false };
  return {
    id: 1_000_000,
    version,
    target: 'room',
    nested: false,
    enabled: true,
    description: '',
    anonymousClients: true,
    presence: false,
    publicMessaging: off,
    authenticatedMessaging: false,
    privateMessaging: off,
    history: 100,
    origin: 'store',
  };
}
