/** Bounds of one expression. Those of its cost hold for one evaluation. */
export const CEL_LIMITS = {
  /** Characters of the source text. */
  length: 4_096,
  /** Rounds of all loops (`all`, `exists`, `map`, `filter`) together. */
  rounds: 10_000,
  /** ms; looked at in every round. */
  time: 20,
  /** Characters of a text that an expression makes, and of all texts of the value it comes to. */
  text: 1_048_576,
  /** Values in the value it comes to. */
  items: 100_000,
  /** Characters of a regular expression. */
  pattern: 1_024,
  /** Compiled regular expressions that are kept. */
  patterns: 500,
} as const;
