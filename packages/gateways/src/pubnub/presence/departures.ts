import { shownUser } from '@portcullis/policy';
import type { Call, PubNubDeps } from '../http/call.ts';
import type { SaidPresence } from './said-presence.ts';

/** What is known of a user who was heard of lately. */
interface Heard {
  /** Polls that hang. */
  polls: number;
  /** Calls so far: whether there was another one since. */
  calls: number;
}

/** One poll of a user. `left`: where it was present, when its client went away; `null` when it was answered. */
export interface Polling {
  ended(left: SaidPresence | null): void;
}

const NOBODY: Polling = { ended() {} };

/** Ends presence when a client closes its poll, where the app wants that, unless the user is heard of again soon. */
export class Departures {
  readonly #deps: Pick<PubNubDeps, 'engine' | 'clock'>;
  readonly #users = new Map<string, Heard>();

  constructor(deps: Pick<PubNubDeps, 'engine' | 'clock'>) {
    this.#deps = deps;
  }

  heard(call: Call): void {
    const heard = this.#users.get(keyOf(call));
    if (heard) heard.calls += 1;
  }

  polling(call: Call): Polling {
    if (!call.app.settings.leaveOnDisconnect || shownUser(call.principal) === undefined) return NOBODY;
    const key = keyOf(call);
    const heard = this.#users.get(key) ?? { polls: 0, calls: 0 };
    this.#users.set(key, heard);
    heard.polls += 1;
    heard.calls += 1;
    return {
      ended: (left) => {
        heard.polls -= 1;
        this.#later(call, key, heard, left);
      },
    };
  }

  /** Also forgets users who are not heard of any more. */
  #later(call: Call, key: string, heard: Heard, left: SaidPresence | null): void {
    const { calls } = heard;
    this.#deps.clock.after(call.app.settings.leaveDebounce, () => {
      if (heard.polls > 0 || heard.calls !== calls) return;
      if (this.#users.get(key) === heard) this.#users.delete(key);
      if (left) this.#depart(call, left);
    });
  }

  #depart({ app: { app }, principal }: Call, { channels, groups }: SaidPresence): void {
    const { engine } = this.#deps;
    const all = [...channels, ...groups.flatMap((group) => engine.group(app, group))];
    engine.depart({ app, principal, channels: all });
  }
}

function keyOf({ app: { app }, principal }: Call): string {
  return JSON.stringify([app, principal.kind, shownUser(principal) ?? '']);
}
