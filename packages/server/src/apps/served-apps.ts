import type { PubNubApp } from '@portcullis/gateways/pubnub';
import type { JsonObject } from '@portcullis/policy';
import type { AppConfig } from '../config/index.ts';
import { pubNubApp } from './pubnub-app.ts';

/** An app that is served. */
export interface LiveApp {
  readonly config: AppConfig;
  readonly origin: 'file' | 'store';
  /** As it was sent to the management API, secrets included. Absent for apps of the file. */
  readonly settings?: JsonObject;
}

/** The apps that are served, found by id and by what clients name them with: connection hashes and subscribe keys are unique. */
export class ServedApps {
  readonly #apps = new Map<string, LiveApp>();
  #hashes: ReadonlyMap<string, string> = new Map();
  #subscribeKeys: ReadonlyMap<string, PubNubApp> = new Map();

  find(id: string): LiveApp | undefined {
    return this.#apps.get(id);
  }

  list(): readonly LiveApp[] {
    return [...this.#apps.values()];
  }

  byHash(hash: string): string | undefined {
    return this.#hashes.get(hash);
  }

  bySubscribeKey(key: string): PubNubApp | undefined {
    return this.#subscribeKeys.get(key);
  }

  put(app: LiveApp): void {
    this.#apps.set(app.config.id, app);
    this.#index();
  }

  drop(id: string): void {
    this.#apps.delete(id);
    this.#index();
  }

  #index(): void {
    this.#hashes = new Map(
      this.list().flatMap(({ config: { id, connectionHash } }) =>
        connectionHash === undefined ? [] : [[connectionHash, id] as const],
      ),
    );
    this.#subscribeKeys = new Map(
      this.list().flatMap(({ config }) => {
        const app = pubNubApp(config);
        return app === undefined ? [] : [[app.subscribeKey, app] as const];
      }),
    );
  }
}
