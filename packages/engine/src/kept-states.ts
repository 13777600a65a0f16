import type { JsonObject, Principal } from '@portcullis/policy';
import type { App } from './app.ts';
import type { Core } from './core.ts';
import { refusePresence } from './decide-presence.ts';
import type { PresenceCall, StateKeeping } from './stateless-api.ts';

interface Kept {
  readonly state: JsonObject;
  /** Who said it, and through which group. */
  readonly by: Pick<PresenceCall, 'principal' | 'via'>;
  /** ms since 1970. */
  readonly until: number;
}

/**
 * What users say of themselves on channels on which they are not present: for a time, the oldest going first where it is
 * too much. It holds no longer than the authority of who said it, which is decided again whenever it is looked at:
 * whoever comes in the meantime may prove the same user by something else.
 */
export class KeptStates {
  readonly #core: Core;
  readonly #app: App;
  /** What was said last is last. */
  readonly #kept = new Map<string, Kept>();

  constructor(core: Core, app: App) {
    this.#core = core;
    this.#app = app;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** `user`: as `keyOf` tells users apart. */
  put(user: string, channel: string, { principal, via, state, keep }: Saying): void {
    const key = keyIn(user, channel);
    const by = via ? { principal, via } : { principal };
    this.#kept.delete(key);
    this.#kept.set(key, { state, by, until: this.#core.clock.now() + keep.ms });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= keep.most) return;
      this.#kept.delete(oldest);
    }
  }

  of(user: string, channel: string): JsonObject | null {
    const kept = this.#kept.get(keyIn(user, channel));
    if (!kept || kept.until <= this.#core.clock.now()) return null;
    const refused = refusePresence(this.#core, this.#app, { ...kept.by, channels: [channel] }, 'state.set', 'pass');
    return refused ? null : kept.state;
  }

  has(user: string, channel: string): boolean {
    return this.#kept.has(keyIn(user, channel));
  }

  drop(user: string, channel: string): void {
    this.#kept.delete(keyIn(user, channel));
  }

  /** Forgets what is over. Looks no further than at the first that is not: each is kept about as long as the others. */
  sweep(): void {
    const now = this.#core.clock.now();
    for (const [key, { until }] of this.#kept) {
      if (until > now) return;
      this.#kept.delete(key);
    }
  }
}

/** What is said, by whom, and how long it is kept. */
interface Saying extends Pick<PresenceCall, 'via'> {
  readonly principal: Principal;
  readonly state: JsonObject;
  readonly keep: StateKeeping;
}

const keyIn = (user: string, channel: string): string => JSON.stringify([user, channel]);
