/** Changes that are looked through before the rest, at most; past it all is put together again. */
const MOST_ON_TOP = 128;

/** What a layer says of a key that is gone. */
const GONE = Symbol('gone');

/**
 * An immutable map of which another is made by saying what differs: the two share the rest, so that it takes as long as
 * there are differences, and not as there are entries.
 */
export class LayeredMap<K, V> {
  readonly #base: ReadonlyMap<K, V>;
  readonly #top: ReadonlyMap<K, V | typeof GONE>;

  constructor(base: ReadonlyMap<K, V> = new Map(), top: ReadonlyMap<K, V | typeof GONE> = new Map()) {
    this.#base = base;
    this.#top = top;
  }

  get(key: K): V | undefined {
    const changed = this.#top.size === 0 ? undefined : this.#top.get(key);
    if (changed === undefined) return this.#base.get(key);
    return changed === GONE ? undefined : changed;
  }

  /** The map with other values; `undefined`: without the key. */
  with(changes: ReadonlyMap<K, V | undefined>): LayeredMap<K, V> {
    if (changes.size === 0) return this;
    const top = new Map(this.#top);
    for (const [key, value] of changes) top.set(key, value ?? GONE);
    return top.size > MOST_ON_TOP ? new LayeredMap(this.#flattened(top)) : new LayeredMap(this.#base, top);
  }

  #flattened(top: ReadonlyMap<K, V | typeof GONE>): ReadonlyMap<K, V> {
    const all = new Map(this.#base);
    for (const [key, value] of top) {
      if (value === GONE) all.delete(key);
      else all.set(key, value);
    }
    return all;
  }
}
