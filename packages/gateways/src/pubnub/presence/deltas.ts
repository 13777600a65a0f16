type Change = 'join' | 'leave' | 'timeout';

export type TakenDeltas = { readonly [change in Change]?: readonly string[] } & { readonly here_now_refresh?: true };

/** Who came and went since the last look. Whoever did both is not mentioned. */
export class Deltas {
  readonly #names: Record<Change, Set<string>> = { join: new Set(), leave: new Set(), timeout: new Set() };
  /** Bytes of names; 0 wants none. */
  readonly #most: number;
  #bytes = 0;
  #any = false;
  #tooMany = false;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether anything changed. */
  get any(): boolean {
    return this.#any;
  }

  note(change: Change, user: string): void {
    this.#any = true;
    if (this.#most === 0 || this.#tooMany || this.#undo(change, user)) return;
    if (this.#names[change].has(user)) return;
    this.#names[change].add(user);
    this.#bytes += Buffer.byteLength(JSON.stringify(user)) + 1;
    if (this.#bytes <= this.#most) return;
    this.#tooMany = true;
    this.#clear();
  }

  /** `{ join?, leave?, timeout? }`, or `{ here_now_refresh: true }` when there are too many to tell. Starts anew. */
  take(): TakenDeltas {
    const lists = Object.entries(this.#names)
      .filter(([, users]) => users.size > 0)
      .map(([change, users]) => [change, [...users]]);
    const taken: TakenDeltas = this.#tooMany ? { here_now_refresh: true } : Object.fromEntries(lists);
    this.#clear();
    this.#any = false;
    this.#tooMany = false;
    return taken;
  }

  #undo(change: Change, user: string): boolean {
    const opposites = change === 'join' ? ([this.#names.leave, this.#names.timeout] as const) : [this.#names.join];
    for (const opposite of opposites) {
      if (!opposite.delete(user)) continue;
      this.#bytes -= Buffer.byteLength(JSON.stringify(user)) + 1;
      return true;
    }
    return false;
  }

  #clear(): void {
    for (const users of Object.values(this.#names)) users.clear();
    this.#bytes = 0;
  }
}
