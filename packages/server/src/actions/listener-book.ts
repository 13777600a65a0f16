import type { Actions, AppActions, DefinedListener } from '@portcullis/automation/actions';
import type { Log, Store, StoredListener } from '@portcullis/engine';
import type { JsonObject } from '@portcullis/policy';
import { type AppConfig, type Problem, parseListener, type ServerSettings } from '../config/index.ts';
import { HttpProblem } from '../http/problem.ts';

export interface BookDeps {
  readonly actions: Actions;
  readonly store: Pick<Store, 'putListener' | 'deleteListener'>;
  readonly server: () => ServerSettings;
  readonly log: Log;
}

/** Who listens in which app: listeners of the file, and those made through the management API, which the store keeps. */
export class ListenerBook {
  readonly #deps: BookDeps;
  /** By app, then name: as they were sent. */
  readonly #stored = new Map<string, Map<string, JsonObject>>();
  readonly #served = new Map<string, AppConfig>();

  constructor(deps: BookDeps, stored: readonly StoredListener[]) {
    this.#deps = deps;
    for (const { app, name, body } of stored) this.#of(app).set(name, JSON.parse(body));
  }

  /** The app is served, or is served as it now is. */
  put(config: AppConfig): void {
    this.#served.set(config.id, config);
    this.#deps.actions.define(this.#definition(config));
  }

  /** The app is served no more; what waits in it waits on. */
  drop(app: string): void {
    this.#served.delete(app);
    this.#deps.actions.suspend(app);
  }

  /** The app is deleted, with all that it kept. */
  remove(app: string): void {
    this.#stored.delete(app);
    this.drop(app);
    this.#deps.actions.forget(app);
  }

  list(app: string): readonly DefinedListener[] {
    return this.#definition(this.#config(app)).listeners;
  }

  find(app: string, name: string): DefinedListener {
    const found = this.list(app).find((listener) => listener.name === name);
    if (!found) throw new HttpProblem('not-found', { detail: `There is no listener "${name}".` });
    return found;
  }

  async create(app: string, body: JsonObject): Promise<DefinedListener> {
    const listeners = this.list(app);
    const read = this.#read(body);
    if (listeners.some(({ name }) => name === read.name)) {
      throw new HttpProblem('listener.conflict', { detail: `There is a listener "${read.name}" already.` });
    }
    if (listeners.length >= this.#config(app).limits.listeners) throw new HttpProblem('limit.listeners');
    return this.#keep(app, read.name, body);
  }

  async replace(app: string, name: string, body: JsonObject): Promise<DefinedListener> {
    this.#writable(app, name);
    const read = this.#read({ ...body, name: body.name ?? name });
    if (read.name !== name)
      throw new HttpProblem('listener.invalid', { errors: [{ path: 'name', message: `is not ${name}` }] });
    return this.#keep(app, name, { ...body, name });
  }

  /** What waits for it is forgotten with it. */
  async delete(app: string, name: string): Promise<void> {
    this.#writable(app, name);
    await this.#deps.store.deleteListener(app, name);
    this.#of(app).delete(name);
    this.put(this.#config(app));
    for (const { action } of this.#deps.actions.states(app)) {
      if (action.startsWith(`${name}/`)) await this.#deps.actions.dropWaiting(app, action);
    }
  }

  async #keep(app: string, name: string, body: JsonObject): Promise<DefinedListener> {
    await this.#deps.store.putListener({ app, name, body: JSON.stringify(body) });
    this.#of(app).set(name, body);
    this.put(this.#config(app));
    return this.find(app, name);
  }

  #writable(app: string, name: string): void {
    if (this.find(app, name).origin === 'store') return;
    throw new HttpProblem('listener.read-only', { detail: `The listener "${name}" comes from the file.` });
  }

  #read(body: JsonObject) {
    const parsed = parseListener(body, this.#deps.server());
    if (!parsed.ok) throw new HttpProblem('listener.invalid', { errors: parsed.problems.map(fieldProblem) });
    return parsed.value;
  }

  #config(app: string): AppConfig {
    const config = this.#served.get(app);
    if (!config) throw new HttpProblem('not-found', { detail: 'There is no such app.' });
    return config;
  }

  /** A listener of the file takes the place of a stored one of its name. One that cannot be read any more hears nothing. */
  #definition(config: AppConfig): AppActions {
    const { id: app, keys, limits } = config;
    const fromFile = config.actions.map((listener): DefinedListener => ({ ...listener, origin: 'file' }));
    const names = new Set(fromFile.map(({ name }) => name));
    const made = [...this.#of(app)].flatMap(([name, body]): DefinedListener[] => {
      if (names.has(name)) return [];
      const parsed = parseListener(body, this.#deps.server());
      if (parsed.ok) return [{ ...parsed.value, origin: 'store' }];
      this.#deps.log.error('action.unreadable', { app, listener: name, problems: parsed.problems });
      return [];
    });
    return { app, subscribeKey: keys.subscribe ?? '', listeners: [...fromFile, ...made], limits };
  }

  #of(app: string): Map<string, JsonObject> {
    const known = this.#stored.get(app) ?? new Map<string, JsonObject>();
    this.#stored.set(app, known);
    return known;
  }
}

const fieldProblem = ({ path, message }: Problem) => ({ path, message });
