import type { Subscription } from './subscription.ts';

/** So many are looked through one by one, which takes no longer than to look one up, and less memory. */
const FEW = 8;

/** The subscriptions of one session by channel, in the order they came. Most sessions have a few, some have thousands. */
export class JoinedChannels {
  #few: readonly Subscription[] = NONE;
  #many: Map<string, Subscription> | null = null;

  get size(): number {
    return this.#many?.size ?? this.#few.length;
  }

  get(channel: string): Subscription | undefined {
    if (this.#many) return this.#many.get(channel);
    for (const sub of this.#few) if (sub.channel === channel) return sub;
    return undefined;
  }

  /** Whether it is joined: a place that is only kept is not. */
  has(channel: string): boolean {
    return this.get(channel)?.listens === true;
  }

  /** There is none of its channel yet. */
  add(sub: Subscription): void {
    if (this.#many) this.#many.set(sub.channel, sub);
    else if (this.#few.length < FEW) this.#few = [...this.#few, sub];
    else {
      this.#many = new Map([...this.#few, sub].map((one) => [one.channel, one]));
      this.#few = NONE;
    }
  }

  delete(channel: string): void {
    if (this.#many) this.#many.delete(channel);
    else this.#few = this.#few.filter((sub) => sub.channel !== channel);
  }

  /** As they are now: what comes and goes meanwhile is no matter. */
  all(): readonly Subscription[] {
    return this.#many ? [...this.#many.values()] : this.#few;
  }

  channels(): readonly string[] {
    return this.all().map(({ channel }) => channel);
  }
}

const NONE: readonly never[] = [];
