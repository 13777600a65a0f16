import { isDeepStrictEqual } from 'node:util';
import type { CommitAck, StoreState } from '@portcullis/engine';
import type { PubNubApp } from '@portcullis/gateways/pubnub';
import type { JsonObject } from '@portcullis/policy';
import {
  type AppConfig,
  appDefinition,
  type Problem,
  parseAppSettings,
  type ServerConfig,
  type ServerSettings,
} from '../config/index.ts';
import { HttpProblem } from '../http/problem.ts';
import { admit, forbidding, isInUse } from './admission.ts';
import { type AppNames, isAppId, namesOf } from './app-names.ts';
import type { CatalogDeps } from './catalog-deps.ts';
import type { LiveApp } from './live-app.ts';
import { mergePatch } from './merge-patch.ts';

/** The apps that this process serves: those of the file, and those made through the management API, which the store keeps. */
export class AppCatalog {
  readonly #deps: CatalogDeps;
  #server: ServerSettings;
  readonly #apps = new Map<string, LiveApp>();
  #names: AppNames = namesOf([]);
  #changes: Promise<unknown> = Promise.resolve();

  constructor(deps: CatalogDeps, server: ServerSettings) {
    this.#deps = deps;
    this.#server = server;
  }

  find(id: string): LiveApp | undefined {
    return this.#apps.get(id);
  }

  /** For ids that were found before. */
  get(id: string): LiveApp {
    const app = this.#apps.get(id);
    if (!app) throw new HttpProblem('not-found', { detail: 'There is no such app.' });
    return app;
  }

  list(): readonly LiveApp[] {
    return [...this.#apps.values()];
  }

  byHash(hash: string): string | undefined {
    return this.#names.hashes.get(hash);
  }

  bySubscribeKey(key: string): PubNubApp | undefined {
    return this.#names.subscribeKeys.get(key);
  }

  /** Defines every app of file and store. Answers with what forbids it; then nothing is served. */
  async start(config: ServerConfig, state: StoreState): Promise<readonly Problem[]> {
    const fileIds = new Set(config.apps.map(({ id }) => id));
    const apps: LiveApp[] = config.apps.map((app) => ({ config: app, origin: 'file' }));
    for (const { app, settings } of state.apps) {
      if (settings === null || fileIds.has(app) || !isAppId(app)) continue;
      const parsed = parseAppSettings(settings, config.server);
      if (parsed.ok) apps.push({ config: parsed.value, origin: 'store', settings });
      else this.#deps.log.error('app.unreadable', { app, problems: parsed.problems });
    }
    const problems = await forbidding(apps, { ...this.#deps, config, state });
    if (problems.length > 0) return problems;
    for (const app of apps) await this.#put(app, state);
    return [];
  }

  /** Applies a changed file, whole or not at all. Answers with what forbids it. */
  reload(config: ServerConfig): Promise<readonly Problem[]> {
    return this.#inTurn(async () => {
      const made = this.list().filter(({ origin }) => origin === 'store');
      const fromFile = config.apps.map((app): LiveApp => ({ config: app, origin: 'file' }));
      const state = await this.#deps.store.load();
      const problems = await forbidding([...fromFile, ...made], { ...this.#deps, config, state });
      if (problems.length > 0) return problems;
      this.#server = config.server;
      const fileIds = new Set(config.apps.map(({ id }) => id));
      for (const { config: gone, origin } of this.list()) {
        if (origin === 'file' && !fileIds.has(gone.id)) await this.#park(gone);
      }
      for (const app of fromFile) if (!this.#isServedAs(app)) await this.#put(app, state);
      return [];
    });
  }

  create(settings: JsonObject): Promise<{ readonly app: LiveApp; readonly ack: CommitAck }> {
    return this.#inTurn(async () => {
      const config = this.#admit(settings);
      const { id } = config;
      const state = await this.#deps.store.load();
      const kept = state.apps.find(({ app }) => app === id);
      if (this.#deps.engine.has(id) || (kept && isInUse(kept))) {
        throw new HttpProblem('app.conflict', { detail: `The id "${id}" is in use, or its rules are still kept.` });
      }
      await this.#put({ config: { ...config, enabled: false }, origin: 'store', settings }, state);
      try {
        await this.#deps.engine.commit(id, [{ type: 'app.put', settings }]);
      } catch (error) {
        this.#forget(id);
        await this.#deps.engine.remove(id).catch(() => {});
        throw error;
      }
      const app: LiveApp = { config, origin: 'store', settings };
      return { app, ack: await this.#put(app, null) };
    });
  }

  change(id: string, patch: JsonObject): Promise<{ readonly app: LiveApp; readonly ack: CommitAck }> {
    return this.#inTurn(async () => {
      const before = this.#writable(id);
      const settings = mergePatch(before.settings ?? {}, patch) as JsonObject;
      const config = this.#admit(settings, id);
      await this.#deps.engine.commit(id, [{ type: 'app.put', settings }]);
      const app: LiveApp = { config, origin: 'store', settings };
      return { app, ack: await this.#put(app, null) };
    });
  }

  /** What its triggers are made of has changed: they are compiled anew, under the next policy epoch. */
  refresh(id: string): Promise<void> {
    return this.#inTurn(async () => {
      const app = this.#apps.get(id);
      if (app) await this.#put(app, null);
    });
  }

  remove(id: string): Promise<void> {
    return this.#inTurn(async () => {
      this.#writable(id);
      await this.#deps.engine.remove(id);
      this.#forget(id);
      this.#deps.listeners.remove(id);
    });
  }

  #writable(id: string): LiveApp {
    const app = this.get(id);
    if (app.origin === 'store') return app;
    throw new HttpProblem('app.read-only', { detail: `The app "${id}" comes from the file.` });
  }

  #admit(settings: JsonObject, id?: string): AppConfig {
    const others = this.list().flatMap(({ config }) => (config.id === id ? [] : [config]));
    return admit(settings, { server: this.#server, identities: this.#deps.identities, others });
  }

  #isServedAs({ config, origin }: LiveApp): boolean {
    const now = this.#apps.get(config.id);
    return now?.origin === origin && isDeepStrictEqual(now.config, config);
  }

  /** Serves the app, or serves it as it now is. `state`: where an app that is not served yet continues. */
  async #put(app: LiveApp, state: StoreState | null): Promise<CommitAck> {
    const { id } = app.config;
    this.#deps.identities.put(app.config);
    const stored = state?.apps.find((kept) => kept.app === id) ?? null;
    const made = this.#deps.engine.has(id) ? null : (stored?.triggers ?? []);
    const triggers = await this.#deps.triggers.prepare(app, made);
    this.#deps.listeners.put(app.config);
    const ack = await this.#deps.engine.define({ ...appDefinition(app.config), triggers }, stored);
    this.#apps.set(id, app);
    this.#nameAnew();
    return ack;
  }

  /** An app left the file: nobody is served by it any more, and its rules, bans and history wait for its return. */
  async #park(config: AppConfig): Promise<void> {
    await this.#deps.engine.define(appDefinition({ ...config, enabled: false }), null);
    this.#forget(config.id);
  }

  #forget(id: string): void {
    this.#apps.delete(id);
    this.#deps.identities.drop(id);
    this.#deps.triggers.drop(id);
    this.#deps.listeners.drop(id);
    this.#nameAnew();
  }

  #nameAnew(): void {
    this.#names = namesOf(this.list().map(({ config }) => config));
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#changes.then(change);
    this.#changes = done.catch(() => {});
    return done;
  }
}
