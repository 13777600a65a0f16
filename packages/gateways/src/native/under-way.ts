/** A command's turn: it passes when the command after it may be carried out. */
export class Turn {
  #passed = false;
  #wake: (() => void) | undefined;

  readonly pass = (): void => {
    this.#passed = true;
    this.#wake?.();
  };

  /** Resolves once it has passed, or the command is settled; `undefined` if it has passed already. */
  until(settled: Promise<void>): Promise<void> | undefined {
    if (this.#passed) return undefined;
    return new Promise((resolve) => {
      this.#wake = resolve;
      settled.then(resolve, resolve);
    });
  }
}

/**
 * Counts the commands of one connection that have had their turn and are not answered yet: publishes on their way to the
 * disk, pages that are being read. As many as may wait are under way at once.
 */
export class UnderWay {
  readonly #owner: { limits(): { readonly pendingCommands: number } };
  #count = 0;

  constructor(owner: { limits(): { readonly pendingCommands: number } }) {
    this.#owner = owner;
  }

  /** What the next command has to wait for, if for anything. `settled` never rejects. */
  add(turn: Turn, settled: Promise<void>): Promise<void> | undefined {
    this.#count += 1;
    const done = settled.then(() => {
      this.#count -= 1;
    });
    return this.#count >= this.#owner.limits().pendingCommands ? done : turn.until(done);
  }
}
