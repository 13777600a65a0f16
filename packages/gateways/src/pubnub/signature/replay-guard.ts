/** Remembers signatures for as long as they could come again. */
export class ReplayGuard {
  /** By app: signature to the instant, in ms since 1970, from which its timestamp is refused. */
  readonly #used = new Map<string, Map<string, number>>();

  /** Uses a signature up: `replayed` when it was used before, `full` when `most` are remembered. */
  use(
    app: string,
    signature: string,
    { until, now, most }: { readonly until: number; readonly now: number; readonly most: number },
  ): 'first' | 'replayed' | 'full' {
    const used = this.#used.get(app) ?? new Map<string, number>();
    this.#used.set(app, used);
    for (const [old, end] of used) {
      if (end > now) break;
      used.delete(old);
    }
    if (used.has(signature)) return 'replayed';
    if (used.size >= most) return 'full';
    used.set(signature, until);
    return 'first';
  }
}
