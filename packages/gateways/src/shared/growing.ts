/** Up to so many bytes no room is kept for more: whoever sends part of a small frame costs no more than they sent. */
const EXACT = 8 * 1024;

/** Bytes that come piece by piece, copied together so that no piece keeps the larger buffer it was cut from. */
export class Growing {
  #bytes: Buffer;
  #length: number;

  constructor(first: Uint8Array) {
    // Of its own: a small one cut from the pool would keep the pool's whole slab.
    this.#bytes = Buffer.allocUnsafeSlow(first.length);
    this.#bytes.set(first);
    this.#length = first.length;
  }

  get length(): number {
    return this.#length;
  }

  append(more: Uint8Array): void {
    const length = this.#length + more.length;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(length <= EXACT ? length : Math.max(length, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(more, this.#length);
    this.#length = length;
  }

  /** What came so far; good until more is appended. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}
