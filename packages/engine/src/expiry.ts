/** Something that ends at an instant, ms since 1970. */
export interface Expiring {
  readonly expiresAt: number;
  readonly ended: boolean;
}

/** So few that have ended otherwise may stay, whatever the size. */
const SLACK = 64;

/**
 * What ends next, first: a binary heap. What has ended otherwise is passed over when its turn comes, and cleared out
 * once it may be half of all: proofs can hold for years, connections come and go.
 */
export class ExpiryQueue<T extends Expiring> {
  #heap: T[] = [];
  /** At most so many of the heap have ended. */
  #over = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** The next instant, `Infinity` when nothing ends. */
  get next(): number {
    return this.#heap[0]?.expiresAt ?? Number.POSITIVE_INFINITY;
  }

  add(item: T): void {
    if (item.expiresAt === Number.POSITIVE_INFINITY) return;
    this.#heap.push(item);
    this.#rise(this.#heap.length - 1);
  }

  /** The item, which may be in here, has ended otherwise. */
  ended(item: T): void {
    if (item.expiresAt === Number.POSITIVE_INFINITY) return;
    this.#over += 1;
    if (this.#over <= SLACK || this.#over * 2 <= this.#heap.length) return;
    this.#over = 0;
    const left = this.#heap.filter((kept) => !kept.ended);
    // In order, an array is a heap.
    this.#heap = left.sort((a, b) => a.expiresAt - b.expiresAt);
  }

  /** Takes out, in order, all that is due at `now` and has not ended. */
  *due(now: number): Iterable<T> {
    for (let top = this.#heap[0]; top && (top.ended || top.expiresAt <= now); top = this.#heap[0]) {
      this.#take();
      if (!top.ended) yield top;
    }
  }

  #take(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #at(index: number): number {
    return this.#heap[index]?.expiresAt ?? Number.POSITIVE_INFINITY;
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (first === undefined || second === undefined) return;
    this.#heap[a] = second;
    this.#heap[b] = first;
  }

  #rise(from: number): void {
    for (let child = from; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (this.#at(parent) <= this.#at(child)) return;
      this.#swap(parent, child);
      child = parent;
    }
  }

  #sink(from: number): void {
    for (let parent = from; ; ) {
      const left = 2 * parent + 1;
      const least = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (this.#at(least) >= this.#at(parent)) return;
      this.#swap(parent, least);
      parent = least;
    }
  }
}
