/** Time comes in through here: the engine reads no other clock and sets no other timer. */
export interface Clock {
  /** Milliseconds since 1970. Never steps back, also when the machine's wall clock does. */
  now(): number;
  /** Calls `fn` once, `ms` from now at the earliest, in a turn of its own. Any finite `ms` (also past 2³¹ − 1). Returns a function that calls it off. */
  after(ms: number, fn: () => void): () => void;
  /** Calls `fn` once when the messages that arrived in this turn have been handled, before new ones are read. */
  endOfTurn(fn: () => void): void;
}
