/** Rows by their id, read in the order of the ids. */
export class SortedRows<Row> {
  readonly #rows = new Map<string, Row>();
  readonly #ids: string[] = [];

  get size(): number {
    return this.#rows.size;
  }

  get(id: string): Row | undefined {
    return this.#rows.get(id);
  }

  set(id: string, row: Row): void {
    if (!this.#rows.has(id)) this.#ids.splice(this.#placeOf(id), 0, id);
    this.#rows.set(id, row);
  }

  delete(id: string): boolean {
    if (!this.#rows.delete(id)) return false;
    this.#ids.splice(this.#placeOf(id), 1);
    return true;
  }

  page({ after, limit }: { readonly after?: string; readonly limit: number }): Row[] {
    let place = after === undefined ? 0 : this.#placeOf(after);
    if (this.#ids[place] === after) place += 1;
    const ids = this.#ids.slice(place, place + Math.max(0, limit));
    return ids.flatMap((id) => this.#rows.get(id) ?? []);
  }

  /** Of the first id that is not before this one. */
  #placeOf(id: string): number {
    let [low, high] = [0, this.#ids.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ids[middle] ?? '') < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
