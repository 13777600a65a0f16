/** A set that is empty nearly always, of which there are many: it holds one only while something is in it. */
export class SparseSet<T> implements Iterable<T> {
  #items: Set<T> | null = null;

  get size(): number {
    return this.#items?.size ?? 0;
  }

  has(item: T): boolean {
    return this.#items?.has(item) ?? false;
  }

  add(item: T): void {
    this.#items ??= new Set();
    this.#items.add(item);
  }

  delete(item: T): void {
    if (this.#items?.delete(item) && this.#items.size === 0) this.#items = null;
  }

  /** As of a set: what is added or taken out meanwhile counts. */
  *[Symbol.iterator](): Iterator<T> {
    let seen: Set<T> | null = null;
    while (this.#items !== seen && this.#items !== null) {
      seen = this.#items;
      yield* seen;
    }
  }
}
