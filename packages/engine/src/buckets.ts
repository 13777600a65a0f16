/** Sets by a key of which most have one item: a set is made for the second. */
export class Buckets<T extends object> {
  readonly #buckets = new Map<string, T | Set<T>>();

  of(key: string): Iterable<T> {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return [];
    return bucket instanceof Set ? bucket : [bucket];
  }

  *keys(): Iterable<string> {
    yield* this.#buckets.keys();
  }

  /** Every key whose text another begins with, as its items. */
  *under(text: string): Iterable<T> {
    for (const key of this.#buckets.keys()) if (text.startsWith(key)) yield* this.of(key);
  }

  add(key: string, item: T): void {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) this.#buckets.set(key, item);
    else if (bucket instanceof Set) bucket.add(item);
    else if (bucket !== item) this.#buckets.set(key, new Set([bucket, item]));
  }

  remove(key: string, item: T): void {
    const bucket = this.#buckets.get(key);
    if (bucket instanceof Set) {
      bucket.delete(item);
      if (bucket.size > 0) return;
    } else if (bucket !== item) return;
    this.#buckets.delete(key);
  }
}
