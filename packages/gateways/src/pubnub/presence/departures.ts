import { type Principal, shownUser } from '@portcullis/policy';
import type { Call, PubNubApp, PubNubDeps } from '../http/call.ts';
import type { SaidPresence } from './said-presence.ts';

/** What is known of a user who was heard of lately. */
interface Heard {
  /** Polls that hang. */
  polls: number;
  /** Calls so far: whether there was another one since. */
  calls: number;
}

/** One poll of a user, who may be gone when its client is. */
export interface Polling {
  /** `gone`: its client went away; otherwise it was answered. */
  ended(gone: boolean): void;
}

/** Who polls, and where it is present: all that is held while it does. */
interface Poller {
  readonly app: PubNubApp;
  readonly principal: Principal;
  readonly presence: SaidPresence;
  readonly key: string;
  readonly heard: Heard;
}

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

  /** `null` where it makes no difference. */
  polling(call: Call, presence: SaidPresence): Polling | null {
    const { app, principal } = call;
    if (!app.settings.leaveOnDisconnect || shownUser(principal) === undefined) return null;
    const key = keyOf(call);
    const heard = this.#users.get(key) ?? { polls: 0, calls: 0 };
    this.#users.set(key, heard);
    heard.polls += 1;
    heard.calls += 1;
    return this.#endingOf({ app, principal, presence, key, heard });
  }

  #endingOf(poller: Poller): Polling {
    return {
      ended: (gone) => {
        poller.heard.polls -= 1;
        this.#later(poller, gone);
      },
    };
  }

  /** Also forgets users who are not heard of any more. */
  #later({ app, principal, presence, key, heard }: Poller, gone: boolean): void {
    const { calls } = heard;
    this.#deps.clock.after(app.settings.leaveDebounce, () => {
      if (heard.polls > 0 || heard.calls !== calls) return;
      if (this.#users.get(key) === heard) this.#users.delete(key);
      if (gone) this.#depart(app, principal, presence);
    });
  }

  #depart({ app }: PubNubApp, principal: Principal, { channels, groups }: SaidPresence): void {
    const { engine } = this.#deps;
    const all = [...channels, ...groups.flatMap((group) => engine.group(app, group))];
    engine.depart({ app, principal, channels: all });
  }
}

function keyOf({ app: { app }, principal }: Pick<Call, 'app' | 'principal'>): string {
  return JSON.stringify([app, principal.kind, shownUser(principal) ?? '']);
}
