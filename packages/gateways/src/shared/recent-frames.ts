import type { Publication } from '@portcullis/engine';

/** Bytes kept at most, so that a burst cannot grow it. */
const KEPT_BYTES = 128 * 1024;

/**
 * Remembers the frames of the newest publications: the several classes of one flush, and the sessions that are sent a
 * part of it, share each frame instead of encoding it again. Forgets everything when full: what a later flush asks for is new.
 */
export class RecentFrames {
  readonly #encode: (publication: Publication) => Buffer;
  readonly #frames = new Map<Publication, Buffer>();
  #bytes = 0;

  constructor(encode: (publication: Publication) => Buffer) {
    this.#encode = encode;
  }

  /** Bytes kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  of(publication: Publication): Buffer {
    const known = this.#frames.get(publication);
    if (known !== undefined) return known;
    const frame = this.#encode(publication);
    this.#remember(publication, frame);
    return frame;
  }

  #remember(publication: Publication, frame: Buffer): void {
    this.#bytes += frame.length;
    if (this.#bytes > KEPT_BYTES) {
      this.#frames.clear();
      this.#bytes = frame.length;
    }
    this.#frames.set(publication, frame);
  }
}
