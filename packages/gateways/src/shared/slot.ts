/**
 * Something kept with an object that is not ours, for listeners that serve all such objects alike: a closure for each would
 * be held by every idle connection, and a map beside them would hold more than the one word this takes.
 */
export class Slot<H extends object, T> {
  readonly #key = Symbol('slot');

  set(holder: H, value: T): void {
    (holder as unknown as Record<symbol, T>)[this.#key] = value;
  }

  of(holder: H): T | undefined {
    return (holder as unknown as Record<symbol, T | undefined>)[this.#key];
  }
}
