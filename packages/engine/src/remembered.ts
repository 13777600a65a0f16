import type { Position, Publication, Timetoken } from './publication.ts';
import type { Arrival, ReplayLimits } from './replay-window.ts';

/** What one publication costs beside its payload, about. */
const OVERHEAD = 300;

/** What is remembered of one channel, in order of arrival. */
export class Remembered {
  #said: Arrival[] = [];
  #presence: Arrival[] = [];
  /** Everything with a place behind this one is here, but for what was deleted. */
  #from: Position | null = null;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get empty(): boolean {
    return this.#said.length === 0 && this.#presence.length === 0;
  }

  /** Answers by how many bytes it has grown. */
  add(arrival: Arrival, most: number): number {
    const before = this.#bytes;
    const { publication } = arrival;
    const list = publication.kind === 'presence' ? this.#presence : this.#said;
    const { position } = publication;
    if (position) this.#from ??= { epoch: position.epoch, offset: position.offset - 1 };
    list.push(arrival);
    this.#bytes += sizeOf(arrival);
    // Twice as many are let in before half of them go: that costs little per publication.
    if (list.length >= most * 2) this.#drop(list, list.length - most);
    return this.#bytes - before;
  }

  after(presence: boolean, cursor: Timetoken, now: number, { messages, age }: ReplayLimits): readonly Arrival[] {
    const list = presence ? this.#presence : this.#said;
    const oldest = Math.max(0, list.length - messages);
    let first = list.length;
    for (let before = list[first - 1]; first > oldest && before; before = list[first - 1]) {
      if (before.stamp <= cursor || now - before.at > age) break;
      first -= 1;
    }
    return list.slice(first);
  }

  since(position: Position, now: number, { messages, age }: ReplayLimits): readonly Publication[] | null {
    const { epoch, offset } = position;
    const found: Publication[] = [];
    const oldest = Math.max(0, this.#said.length - messages);
    for (let at = this.#said.length - 1; at >= 0; at -= 1) {
      const arrival = this.#said[at];
      const place = arrival?.publication.position;
      if (!arrival || !place) continue;
      // What comes before belongs to another log, or was seen.
      if (place.epoch !== epoch || place.offset <= offset) return found.reverse();
      if (at < oldest || now - arrival.at > age) return null;
      found.push(arrival.publication);
    }
    const from = this.#from;
    const all = from !== null && (from.epoch !== epoch || from.offset <= offset);
    return all ? found.reverse() : null;
  }

  /** Forgets what was deleted; answers by how many bytes it has shrunk. */
  forget(timetokens: ReadonlySet<Timetoken>): number {
    const before = this.#bytes;
    this.#said = this.#said.filter((arrival) => {
      const gone = timetokens.has(arrival.publication.timetoken);
      if (gone) this.#bytes -= sizeOf(arrival);
      return !gone;
    });
    return before - this.#bytes;
  }

  /** Forgets what arrived before `at`. */
  forgetBefore(at: number): number {
    const before = this.#bytes;
    for (const list of [this.#said, this.#presence]) {
      const young = list.findIndex((arrival) => arrival.at >= at);
      this.#drop(list, young < 0 ? list.length : young);
    }
    return before - this.#bytes;
  }

  forgetHalf(): number {
    const before = this.#bytes;
    for (const list of [this.#said, this.#presence]) this.#drop(list, Math.ceil(list.length / 2));
    return before - this.#bytes;
  }

  #drop(list: Arrival[], count: number): void {
    for (const arrival of list.splice(0, count)) {
      this.#bytes -= sizeOf(arrival);
      const { position } = arrival.publication;
      if (position) this.#from = position;
    }
  }
}

function sizeOf({ publication: { data, meta } }: Arrival): number {
  return OVERHEAD + data.length + (meta?.length ?? 0);
}
