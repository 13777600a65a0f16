import { celMap } from '@bufbuild/cel';

/**
 * JSON as the library takes it: objects as maps, of which only what an expression reaches is looked at. Left as they are,
 * objects would be looked at more closely, and a stranger's `$typeName` or `constructor` would make something else of them
 * than what their receivers see.
 */
export function fromJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? value.map(fromJson) : celMap(new Fields(value) as never);
}

/** The own fields of an object, as a map to read. */
class Fields implements Iterable<readonly [string, unknown]> {
  readonly #object: Readonly<Record<string, unknown>>;
  /** Objects and lists are the same whenever they are asked for: a loop may ask in each of its rounds. */
  #made: Map<string, unknown> | null = null;

  constructor(object: object) {
    this.#object = object as Readonly<Record<string, unknown>>;
  }

  get size(): number {
    return Object.keys(this.#object).length;
  }

  has(key: unknown): boolean {
    return typeof key === 'string' && Object.hasOwn(this.#object, key);
  }

  get(key: unknown): unknown {
    if (typeof key !== 'string' || !Object.hasOwn(this.#object, key)) return undefined;
    const value = this.#object[key];
    return typeof value === 'object' && value !== null ? this.#inner(key, value) : value;
  }

  #inner(key: string, value: object): unknown {
    this.#made ??= new Map();
    let made = this.#made.get(key);
    if (made === undefined) {
      made = fromJson(value);
      this.#made.set(key, made);
    }
    return made;
  }

  keys(): IterableIterator<string> {
    return Object.keys(this.#object).values();
  }

  *values(): IterableIterator<unknown> {
    for (const key of this.keys()) yield this.get(key);
  }

  *entries(): IterableIterator<[string, unknown]> {
    for (const key of this.keys()) yield [key, this.get(key)];
  }

  [Symbol.iterator](): IterableIterator<[string, unknown]> {
    return this.entries();
  }

  forEach(visit: (value: unknown, key: string) => void): void {
    for (const [key, value] of this) visit(value, key);
  }
}
