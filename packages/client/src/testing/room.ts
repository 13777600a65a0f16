import type { Audience } from '@portcullis/policy';
import type { Item, JsonObject, Position, Published } from '@portcullis/protocol';
import type { Seat } from './seat.ts';

/** An item as it is kept, with those it is for. */
export interface Kept {
  readonly item: Item;
  readonly audience: Audience;
  /** How its sender sees it, where that differs: nobody else's business. */
  readonly sender: string;
}

export interface Place {
  readonly options: { readonly presence: boolean };
  /** Whether the rule shares presence with it, as of the last decision. */
  seesPresence: boolean;
  state: JsonObject | undefined;
}

/** As many items can be recovered. */
const WINDOW = 1_000;

/** One channel: who is in it, and its log. */
export class Room {
  readonly seats = new Map<Seat, Place>();
  /** What was published, the newest last; the last `WINDOW` of it. */
  readonly log: Kept[] = [];
  epoch: string;
  head = 0;
  readonly #answers = new Map<string, Omit<Published, 'id' | 'type'>>();

  constructor(epoch: string) {
    this.epoch = epoch;
  }

  get position(): Position {
    return { epoch: this.epoch, offset: this.head };
  }

  /** What was answered to the same publication before. */
  answered(sender: string, key: string | undefined): Omit<Published, 'id' | 'type'> | undefined {
    return key === undefined ? undefined : this.#answers.get(JSON.stringify([sender, key]));
  }

  append(kept: Omit<Kept, 'item'> & { readonly item: Omit<Item, 'offset'> }, key: string | undefined): Kept {
    this.head += 1;
    const placed: Kept = { ...kept, item: { offset: this.head, ...kept.item } };
    this.log.push(placed);
    if (this.log.length > WINDOW) this.log.shift();
    const answer = { position: this.position, timetoken: placed.item.timetoken };
    if (key !== undefined) this.#answers.set(JSON.stringify([kept.sender, key]), answer);
    return placed;
  }

  /** What came after a position, or `undefined` where that can no longer be told. */
  since({ epoch, offset }: Position): readonly Kept[] | undefined {
    if (epoch !== this.epoch || offset > this.head) return undefined;
    const first = this.log[0]?.item.offset ?? this.head + 1;
    return offset + 1 < first ? undefined : this.log.filter(({ item }) => (item.offset ?? 0) > offset);
  }

  /** Its log is lost, and a new one begins. */
  lose(epoch: string): void {
    this.epoch = epoch;
    this.head = 0;
    this.log.length = 0;
    this.#answers.clear();
  }
}
