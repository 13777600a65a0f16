import type { Clock } from './ports/clock.ts';

/** Those that get the same time. */
interface Group<T> {
  /** When each is due, ms since 1970; the first is due first. */
  readonly due: Map<T, number>;
  callOff: () => void;
}

/** Many that each have their time, few different times: a timer for all that get the same, not one for each. */
export class Deadlines<T> {
  readonly #clock: Clock;
  /** By the ms they get. */
  readonly #groups = new Map<number, Group<T>>();
  #due: (item: T) => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What is done with those whose time is up; set once. */
  onDue(due: (item: T) => void): void {
    this.#due = due;
  }

  /** From now on it has so many ms. */
  add(item: T, ms: number): void {
    this.remove(item);
    let group = this.#groups.get(ms);
    if (group === undefined) {
      group = { due: new Map(), callOff: this.#clock.after(ms, () => this.#callDue(ms)) };
      this.#groups.set(ms, group);
    }
    group.due.set(item, this.#clock.now() + ms);
  }

  remove(item: T): void {
    for (const [ms, group] of this.#groups) {
      if (!group.due.delete(item)) continue;
      if (group.due.size > 0) return;
      group.callOff();
      this.#groups.delete(ms);
      return;
    }
  }

  #callDue(ms: number): void {
    const group = this.#groups.get(ms);
    if (group === undefined) return;
    const now = this.#clock.now();
    for (const [item, due] of group.due) {
      if (due > now) {
        group.callOff = this.#clock.after(due - now, () => this.#callDue(ms));
        return;
      }
      // Taken out first: the last of a group would call its timer off.
      group.due.delete(item);
      this.#due(item);
    }
    if (this.#groups.get(ms) === group && group.due.size === 0) this.#groups.delete(ms);
  }
}
