/** Bounds of a permission token. Wider ones are refused when granted, and not believed when presented. */
export const GRANT_LIMITS = {
  /** Characters of the token, as it travels in a URL. */
  tokenLength: 32_768,
  /** Minutes. */
  ttl: 43_200,
  /** Bytes of a name in `resources`. */
  nameBytes: 512,
  /** Characters of a pattern. */
  patternLength: 1024,
  /** Patterns of one token, over all sections. */
  patterns: 100,
  /** Instructions of one compiled pattern. */
  patternProgram: 2000,
} as const;
