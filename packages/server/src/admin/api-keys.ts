import type { Store, StoredApp } from '@portcullis/engine';
import type { JsonObject } from '@portcullis/policy';
import * as v from 'valibot';
import { type ApiKey, apiKeyId, isApiKeyText, provesApiKey } from './api-key.ts';
import { SCOPE_NAMES } from './scopes.ts';

/**
 * Under which id the keys are kept in the store, as the settings of an app that cannot exist: `~` is in no app's id.
 * So every store that keeps apps keeps keys, with the same promises.
 */
export const KEYS_ID = '~keys';

const stored = v.object({
  keys: v.array(
    v.object({
      id: v.string(),
      name: v.string(),
      app: v.nullable(v.string()),
      scopes: v.array(v.picklist(SCOPE_NAMES)),
      hash: v.string(),
      createdAt: v.number(),
      expiresAt: v.nullable(v.number()),
      createdBy: v.string(),
    }),
  ),
});

/** The API keys. A change is durable before it counts. */
export class ApiKeys {
  readonly #store: Store;
  #keys: ReadonlyMap<string, ApiKey>;
  #epoch: number;
  #changes: Promise<unknown> = Promise.resolve();

  constructor(store: Store, kept: StoredApp | undefined) {
    this.#store = store;
    this.#epoch = kept?.epoch ?? 0;
    const keys = kept?.settings ? v.parse(stored, kept.settings).keys : [];
    this.#keys = new Map(keys.map((key) => [key.id, key]));
  }

  /** The key this text proves, if it is one. */
  find(text: string, now: number): ApiKey | undefined {
    const key = isApiKeyText(text) ? this.#keys.get(apiKeyId(text)) : undefined;
    return key && provesApiKey(text, key, now) ? key : undefined;
  }

  get(id: string): ApiKey | undefined {
    return this.#keys.get(id);
  }

  list(): readonly ApiKey[] {
    return [...this.#keys.values()];
  }

  add(key: ApiKey): Promise<void> {
    return this.#change((keys) => new Map(keys).set(key.id, key));
  }

  remove(id: string): Promise<void> {
    return this.#keep((key) => key.id !== id);
  }

  /** An app was deleted: a later app of the same name is another one. */
  removeApp(app: string): Promise<void> {
    return this.#keep((key) => key.app !== app);
  }

  async #keep(stays: (key: ApiKey) => boolean): Promise<void> {
    if (this.list().every(stays)) return;
    await this.#change((keys) => new Map([...keys].filter(([, key]) => stays(key))));
  }

  #change(change: (keys: ReadonlyMap<string, ApiKey>) => ReadonlyMap<string, ApiKey>): Promise<void> {
    const done = this.#changes.then(async () => {
      const next = change(this.#keys);
      const settings: JsonObject = { keys: [...next.values()].map((key) => ({ ...key })) };
      await this.#store.commit(KEYS_ID, this.#epoch + 1, [{ type: 'app.put', settings }]);
      this.#epoch += 1;
      this.#keys = next;
    });
    this.#changes = done.catch(() => {});
    return done;
  }
}
