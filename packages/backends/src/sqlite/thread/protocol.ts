/** What the main thread and the thread that owns the database say to each other. */

export type SqlValue = string | number | bigint | null;
export type Row = readonly SqlValue[];

/** A statement by its number in the list of texts that both sides keep, and its values. */
export type Statement = readonly [text: number, ...values: SqlValue[]];

/** One call: it happens whole or not at all. */
export interface Unit {
  readonly writes: boolean;
  /** The first statement has to change a row, or none of the unit happens. */
  readonly guarded: boolean;
  /** One, if it only reads. */
  readonly statements: readonly Statement[];
}

export interface ThreadOptions {
  readonly file: string;
  readonly applicationId: number;
  /** The largest size of the file, in pages. */
  readonly maxPages: number | null;
}

export type ToThread =
  /** What was handed over in one turn; never parted. `texts` are new ones, numbered on from those before. */
  | { readonly type: 'batch'; readonly texts: readonly string[]; readonly units: readonly Unit[] }
  | { readonly type: 'close' };

export interface Failure {
  readonly kind: 'full' | 'guard' | 'conflict' | 'fault';
  readonly message: string;
}

/** Rows changed, or rows read, or why nothing happened. */
export type Answer = number | readonly Row[] | Failure;

export type FromThread =
  | { readonly type: 'open' }
  | { readonly type: 'failed'; readonly stage: 'native' | 'open'; readonly code: number; readonly message: string }
  /** Of one transaction: the oldest units without an answer, in order. */
  | { readonly type: 'answers'; readonly answers: readonly Answer[] };

/** All that is asked of a SQLite library. Synchronous: it has a thread to itself. Errors carry SQLite's `rawCode`. */
export interface Driver {
  exec(sql: string): void;
  /** Rows changed. */
  run(sql: string, values: readonly SqlValue[]): number;
  /** Rows read, integers as `bigint`. */
  all(sql: string, values: readonly SqlValue[]): Row[];
  close(): void;
}
