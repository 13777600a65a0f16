import type { Publication } from '@portcullis/engine';

/** Kept at most, in units of `length`, so that a burst cannot grow it. */
const KEPT = 128 * 1024;

/**
 * Remembers what the newest publications were encoded to: the several classes of one flush, and the sessions that are
 * sent a part of it, share it instead of encoding it again. Forgets everything when full: what a later flush asks for is new.
 */
export class Recent<T extends { readonly length: number }> {
  readonly #encode: (publication: Publication) => T;
  readonly #known = new Map<Publication, T>();
  #kept = 0;

  constructor(encode: (publication: Publication) => T) {
    this.#encode = encode;
  }

  /** How much is kept now. */
  get kept(): number {
    return this.#kept;
  }

  of(publication: Publication): T {
    const known = this.#known.get(publication);
    if (known !== undefined) return known;
    const encoded = this.#encode(publication);
    this.#remember(publication, encoded);
    return encoded;
  }

  #remember(publication: Publication, encoded: T): void {
    this.#kept += encoded.length;
    if (this.#kept > KEPT) {
      this.#known.clear();
      this.#kept = encoded.length;
    }
    this.#known.set(publication, encoded);
  }
}
