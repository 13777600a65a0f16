import type { Item, Joined, Position } from '@portcullis/protocol';

/**
 * Where a reader stands in a channel's log. It says from where to recover, and lets each item through once: what is
 * recovered and what comes live may overlap.
 */
export class LogPlace {
  #at: Position | null = null;
  /** Where the log stood at the join whose pages are still coming. */
  #head: Position | null = null;

  /** The last position that was handed on; to be asked for after a reconnect. */
  get position(): Position | null {
    // Entered, and nothing of it was handed on yet.
    return this.#at?.offset === -1 ? this.#head : this.#at;
  }

  /** @returns where the gap lies, if there is one */
  entered({ position, recovery }: Joined): { from: Position; to: Position | null } | null {
    const from = this.position;
    this.#head = position;
    if (from !== null && recovery === 'complete') return null;
    // Whatever comes now of this epoch is new, as far as it lies behind what was seen of it.
    this.#at = position && { epoch: position.epoch, offset: position.epoch === from?.epoch ? from.offset : -1 };
    return from === null || recovery === undefined ? null : { from, to: position };
  }

  /** The pages that answer a join are through: whatever is not among them is not for this reader. */
  caughtUp(): void {
    const head = this.#head;
    this.#head = null;
    if (head && (this.#at?.epoch !== head.epoch || this.#at.offset < head.offset)) this.#at = head;
  }

  /** Whether the item is new to this reader. */
  passes({ offset }: Item, epoch: string | undefined): boolean {
    if (offset === undefined) return true;
    const known = epoch ?? this.#at?.epoch;
    if (known === undefined) return true;
    if (this.#at?.epoch === known && offset <= this.#at.offset) return false;
    this.#at = { epoch: known, offset };
    return true;
  }

  forget(): void {
    this.#at = null;
    this.#head = null;
  }
}
