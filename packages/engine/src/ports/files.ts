/** What became of the bytes that were to be put. */
export type PutFile =
  | { readonly ok: true /** Bytes. */; readonly size: number }
  /** There were more than allowed: nothing is kept, and the rest was not read. */
  | { readonly ok: false; readonly problem: 'too-large' };

export interface StoredBytes {
  /** Bytes. */
  readonly size: number;
  /** As they were put; nothing is held before they are read, nor after. Fails when they were deleted before the first was read. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * Bytes by key. Keys are made by the caller, of 1–128 letters, digits, `-` and `_`: no name of a stranger is ever one.
 * Nothing here holds more of a file in memory than a chunk or two, the adapter that keeps files in memory aside.
 */
export interface Files {
  /**
   * Replaces what is there as a whole, once everything has come and is durable; until then readers get what was there. When
   * `chunks` fails, it rejects with that error and nothing changes. A full disk rejects with `StoreFullError`.
   */
  put(key: string, chunks: AsyncIterable<Uint8Array>, most: number): Promise<PutFile>;
  /** `null`: nothing is there. */
  get(key: string): Promise<StoredBytes | null>;
  /** False when it was not there. Whoever has begun to read reads on. */
  delete(key: string): Promise<boolean>;
}

/** A key of another form is a bug of the caller, so it throws. */
export function assertFileKey(key: string): void {
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(key)) throw new TypeError('A key of a file has 1–128 letters, digits, - and _.');
}
