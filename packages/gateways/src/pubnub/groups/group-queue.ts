/** Changes of one group, one behind the other: each reads what the one before it wrote. */
export class GroupQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  run<T>(app: string, group: string, change: () => Promise<T>): Promise<T> {
    const key = JSON.stringify([app, group]);
    const done = (this.#last.get(key) ?? Promise.resolve()).then(change);
    const settled = done
      .catch(() => {})
      .then(() => {
        if (this.#last.get(key) === settled) this.#last.delete(key);
      });
    this.#last.set(key, settled);
    return done;
  }
}
