/** One event on its way to one action. Written with what caused it; it goes when the action has done its work. */
export interface OutboxEntry {
  /** Given by the writer and never twice; a later event of the same action has a greater one. */
  readonly seq: number;
  readonly app: string;
  /** The action that it waits for. */
  readonly action: string;
  /** Events of one action and channel are handed over in order; `''`: of no channel. */
  readonly channel: string;
  /** The event, as JSON text. */
  readonly event: string;
  /** ms since 1970. */
  readonly at: number;
}

/** An entry as it stands. */
export interface WaitingEntry extends OutboxEntry {
  /** Failed attempts so far. */
  readonly attempts: number;
  /** ms since 1970; no attempt before it. 0: none was made yet. */
  readonly due: number;
}

export interface DeadLetter extends OutboxEntry {
  readonly attempts: number;
  /** ms since 1970: when it was given up. */
  readonly diedAt: number;
  /** Why the last attempt failed. */
  readonly reason: string;
}

/** Entries to be written along with what happened, if that is. */
export type Told = readonly OutboxEntry[];

export interface OutboxQuery {
  readonly app: string;
  readonly action: string;
  /** Only entries with a greater `seq`. */
  readonly after: number;
  /** Only entries of this channel. */
  readonly channel?: string;
  readonly limit: number;
}

/** What attempts came to. All of it is written in one step. */
export interface OutboxResult {
  /** Handed over, or not wanted any more: they go. */
  readonly done?: readonly number[];
  /** To be tried again. */
  readonly failed?: readonly { readonly seq: number; readonly attempts: number; readonly due: number }[];
  /** Given up: they become dead letters. */
  readonly dead?: readonly {
    readonly seq: number;
    readonly attempts: number;
    readonly diedAt: number;
    readonly reason: string;
  }[];
}

export interface OutboxTotal {
  readonly app: string;
  readonly action: string;
  readonly count: number;
  /** Of the events' texts, UTF-8. */
  readonly bytes: number;
  readonly lastSeq: number;
}

export interface DeadLettersQuery {
  readonly app: string;
  readonly action?: string;
  /** Only letters with a smaller `seq`: the last of the page before. */
  readonly before?: number;
  readonly limit: number;
}

export interface LetterMove {
  readonly seq: number;
  /** The number it waits under from then on. */
  readonly to: number;
}

/** A listener kept here: its definition is opaque to the store. */
export interface StoredListener {
  readonly app: string;
  readonly name: string;
  /** JSON text. */
  readonly body: string;
}

/**
 * Events that wait for actions. What happened and its entries are one step where the write that says it takes entries (`told`);
 * `enqueue` is for what is not written itself. A deleted app takes its entries, letters and listeners along.
 */
export interface StoreOutbox {
  enqueue(entries: readonly OutboxEntry[]): Promise<void>;
  /** By `seq`, smallest first. */
  waiting(query: OutboxQuery): Promise<readonly WaitingEntry[]>;
  settle(app: string, action: string, result: OutboxResult): Promise<void>;
  outboxTotals(): Promise<readonly OutboxTotal[]>;
  /** Forgets what waits for an action that is gone. */
  dropWaiting(app: string, action: string): Promise<void>;
  /** Newest first. */
  deadLetters(query: DeadLettersQuery): Promise<readonly DeadLetter[]>;
  countDeadLetters(app: string): Promise<number>;
  /**
   * Puts letters back: they wait for their actions anew, under new numbers. What is not there is passed over. Answers the entries as
   * they now wait.
   */
  replayLetters(app: string, moves: readonly LetterMove[]): Promise<readonly OutboxEntry[]>;
  /** Answers how many there were. */
  deleteLetters(app: string, seqs: readonly number[]): Promise<number>;
  /** Keeps the newest so many letters of the app. Answers how many went. */
  trimLetters(app: string, keep: number): Promise<number>;
  putListener(listener: StoredListener): Promise<void>;
  /** False when it was not there. */
  deleteListener(app: string, name: string): Promise<boolean>;
  /** Of all apps, by name. */
  listeners(): Promise<readonly StoredListener[]>;
}
