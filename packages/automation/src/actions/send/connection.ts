/** One connection to a broker, made when it is first needed, and anew after it was lost. */
export class Connection<T> {
  readonly #open: () => Promise<T>;
  readonly #shut: (client: T) => Promise<unknown>;
  #client: Promise<T> | null = null;

  constructor(open: () => Promise<T>, shut: (client: T) => Promise<unknown>) {
    this.#open = open;
    this.#shut = shut;
  }

  get(): Promise<T> {
    this.#client ??= this.#open().catch((error: unknown) => {
      this.#client = null;
      throw error;
    });
    return this.#client;
  }

  /** The next one who asks gets another. */
  lost(client: T): void {
    const held = this.#client;
    this.#client = null;
    if (held !== null) void this.#shut(client).catch(() => {});
  }

  async close(): Promise<void> {
    const held = this.#client;
    this.#client = null;
    if (!held) return;
    await held.then(this.#shut).catch(() => {});
  }
}
