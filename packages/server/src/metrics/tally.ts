/** Counts what happens many times a second, by two words, and hands the sums over only when somebody wants to see them. */
export class Tally {
  readonly #handOver: (first: string, second: string, count: number) => void;
  readonly #counts = new Map<string, Map<string, number>>();

  constructor(handOver: (first: string, second: string, count: number) => void) {
    this.#handOver = handOver;
  }

  add(first: string, second: string, count: number): void {
    let counts = this.#counts.get(first);
    if (counts === undefined) {
      counts = new Map();
      this.#counts.set(first, counts);
    }
    counts.set(second, (counts.get(second) ?? 0) + count);
  }

  /** Hands over what was counted since the last time. */
  settle(): void {
    for (const [first, counts] of this.#counts)
      for (const [second, count] of counts) this.#handOver(first, second, count);
    this.#counts.clear();
  }
}
