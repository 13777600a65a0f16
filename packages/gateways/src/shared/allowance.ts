/** What every frame is charged beside its bytes: an empty one is no free one. */
const FRAME_CHARGE = 64;

/** What a connection may send before it has joined its first channel. */
export class Allowance {
  /** Bytes charged so far; `undefined` once a channel was joined. */
  #charged: number | undefined = 0;

  /** Charges a frame; `false` when that is more than `most`. */
  covers(frame: Uint8Array, most: number): boolean {
    if (this.#charged === undefined) return true;
    this.#charged += FRAME_CHARGE + frame.byteLength;
    return this.#charged <= most;
  }

  /** A channel was joined: from now on rates are the engine's matter. */
  lift(): void {
    this.#charged = undefined;
  }
}
