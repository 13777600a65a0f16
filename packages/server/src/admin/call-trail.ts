import type { AuditEntry, Change, Clock, Log, Store } from '@portcullis/engine';
import type { JsonObject } from '@portcullis/policy';
import type { Actor } from './scopes.ts';

interface TrailDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** The entry of the audit trail that a call makes, once. */
export class CallTrail {
  /** `null`: the call changes nothing. */
  readonly #action: string | null;
  readonly #actor: string;
  readonly #app: string | null;
  readonly #deps: TrailDeps;
  #noted = false;

  constructor(action: string | null, { actor, app }: { readonly actor: Actor; readonly app: string }, deps: TrailDeps) {
    this.#action = action;
    this.#actor = actor.name;
    this.#app = app === '' ? null : app;
    this.#deps = deps;
  }

  /** To be committed with what it tells of: both are durable together. */
  noted(detail: JsonObject): Change {
    this.#noted = true;
    return { type: 'trail', entry: this.#entry(this.#action ?? '', detail) };
  }

  /**
   * The call is done. What was not committed with it is written now: it is in force already, so that a trail that cannot
   * be written is an operator's alarm, not the caller's failure.
   */
  async done(detail: JsonObject): Promise<void> {
    if (this.#action === null) return;
    if (!this.#noted && !(await this.#written(this.#entry(this.#action, detail)))) return;
    this.#deps.log.info('admin.changed', { app: this.#app, actor: this.#actor, action: this.#action });
  }

  async #written(entry: AuditEntry): Promise<boolean> {
    try {
      await this.#deps.store.audit(entry);
      return true;
    } catch (error) {
      this.#deps.log.error('audit.failed', { ...entry, error });
      return false;
    }
  }

  #entry(action: string, detail: JsonObject): AuditEntry {
    return { at: this.#deps.clock.now(), app: this.#app, actor: this.#actor, action, detail };
  }
}
