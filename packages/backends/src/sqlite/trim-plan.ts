/** So many appends, or as many as are kept, lie between two trimmings of a shelf: each costs its items next to nothing. */
const SLACK = 64;
/** Shelves that are counted at once. Past it counting starts anew, so that strangers' names fill no memory. */
const COUNTED = 10_000;

/**
 * When to trim which shelf of a channel. A shelf not counted yet is due at once: an earlier process may have left it
 * too long.
 */
export class TrimPlan {
  readonly #appends = new Map<string, number>();

  /** Counts an append; true if the shelf is to be trimmed now. */
  isDue(shelf: string, keep: number): boolean {
    const appends = this.#appends.get(shelf);
    const due = appends === undefined || appends >= Math.max(keep, SLACK);
    if (appends === undefined && this.#appends.size >= COUNTED) this.#appends.clear();
    this.#appends.set(shelf, due ? 1 : appends + 1);
    return due;
  }

  /** The shelf is due with its next append: there was no room for the last one. */
  hasten(shelf: string): void {
    this.#appends.delete(shelf);
  }
}
