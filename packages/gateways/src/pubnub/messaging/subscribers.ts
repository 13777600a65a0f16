import { Deadlines } from '@portcullis/engine';
import { Filters } from '../filter/filters.ts';
import type { PubNubDeps } from '../http/call.ts';
import { Announcements } from '../presence/announcements.ts';
import { Departures } from '../presence/departures.ts';
import type { HangingCall } from './hang.ts';
import { PollAnswers } from './poll-answers.ts';

/** What all polls of one door share. */
export class Subscribers {
  readonly filters = new Filters();
  readonly announcements: Announcements;
  readonly departures: Departures;
  /** Until when polls hang. */
  readonly timeouts: Deadlines<HangingCall>;
  /** ms since 1970; every cursor of this process is younger. */
  readonly since: number;
  readonly #region: number;
  /** By subscribe key. */
  readonly #answers = new Map<string, PollAnswers>();

  private constructor(deps: PubNubDeps) {
    this.announcements = new Announcements(deps);
    this.departures = new Departures(deps);
    this.timeouts = new Deadlines(deps.clock);
    this.timeouts.onDue((hanging) => hanging.timedOut());
    this.since = deps.clock.now();
    this.#region = deps.region;
  }

  static readonly #doors = new WeakMap<PubNubDeps['engine'], Subscribers>();

  /** One for each engine that is served. */
  static of(deps: PubNubDeps): Subscribers {
    let subscribers = Subscribers.#doors.get(deps.engine);
    if (subscribers === undefined) {
      subscribers = new Subscribers(deps);
      Subscribers.#doors.set(deps.engine, subscribers);
    }
    return subscribers;
  }

  answers(subscribeKey: string): PollAnswers {
    let answers = this.#answers.get(subscribeKey);
    if (answers === undefined) {
      answers = new PollAnswers({ region: this.#region, subscribeKey });
      this.#answers.set(subscribeKey, answers);
    }
    return answers;
  }
}
