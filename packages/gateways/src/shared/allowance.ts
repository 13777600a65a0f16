/** What every frame is charged beside its bytes: an empty one is no free one. */
const FRAME_CHARGE = 64;

/** What a frame comes to: `hold`: nothing more is read until what is under way has been handled. */
export type Verdict = 'fits' | 'hold' | 'exceeded';

/**
 * What a connection may send before it has joined its first channel. While a command is under way (a join that asks a
 * trigger may be the one that lets the client in) its bytes are held against the same bound instead of charged: whoever
 * says all it wants in one go is made to wait, and not cut.
 */
export class Allowance {
  /** Bytes charged so far; `undefined` once a channel was joined. */
  #charged: number | undefined = 0;
  /** Bytes that came behind the command under way. */
  #held = 0;

  /** Takes a frame. `waits`: behind a command that is under way. */
  take(bytes: number, most: number, waits: boolean): Verdict {
    if (this.#charged === undefined) return 'fits';
    if (waits) {
      // That there is a frame is charged all the same, and told with the next that does not wait: joins are not for free.
      this.#charged += FRAME_CHARGE;
      this.#held += FRAME_CHARGE + bytes;
      return this.#held <= most ? 'fits' : 'hold';
    }
    this.#held = 0;
    this.#charged += FRAME_CHARGE + bytes;
    return this.#charged <= most ? 'fits' : 'exceeded';
  }

  /** A channel was joined: from now on rates are the engine's matter. */
  lift(): void {
    this.#charged = undefined;
  }

  get lifted(): boolean {
    return this.#charged === undefined;
  }
}
