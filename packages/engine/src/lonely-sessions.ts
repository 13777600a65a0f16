import type { Clock } from './ports/clock.ts';
import type { Session } from './session.ts';

/** Those that get the same time. */
interface Group {
  /** When each is due, ms since 1970; the first is due first. */
  readonly due: Map<Session, number>;
  callOff: () => void;
}

/** Connections that are in no channel: each has its time to join one. A timer for all, not one for each. */
export class LonelySessions {
  readonly #clock: Clock;
  /** By the ms they get: what apps have configured, now or lately. */
  readonly #groups = new Map<number, Group>();
  #end: (session: Session) => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What is done with those whose time is up; set once by the engine. */
  onDue(end: (session: Session) => void): void {
    this.#end = end;
  }

  /** From now on it has so many ms. */
  add(session: Session, ms: number): void {
    this.remove(session);
    let group = this.#groups.get(ms);
    if (group === undefined) {
      group = { due: new Map(), callOff: this.#clock.after(ms, () => this.#endDue(ms)) };
      this.#groups.set(ms, group);
    }
    group.due.set(session, this.#clock.now() + ms);
  }

  /** It is in a channel, or gone. */
  remove(session: Session): void {
    for (const [ms, group] of this.#groups) {
      if (!group.due.delete(session)) continue;
      if (group.due.size > 0) return;
      group.callOff();
      this.#groups.delete(ms);
      return;
    }
  }

  #endDue(ms: number): void {
    const group = this.#groups.get(ms);
    if (group === undefined) return;
    const now = this.#clock.now();
    for (const [session, due] of group.due) {
      if (due > now) {
        group.callOff = this.#clock.after(due - now, () => this.#endDue(ms));
        return;
      }
      // Taken out first: the last of a group would call its timer off.
      group.due.delete(session);
      this.#end(session);
    }
    if (this.#groups.get(ms) === group && group.due.size === 0) this.#groups.delete(ms);
  }
}
