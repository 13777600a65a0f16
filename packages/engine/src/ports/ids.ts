/** Randomness comes in through here. Every id is unguessable (≥ 96 bits) and safe in a URL. */
export interface Ids {
  session(): string;
  /** Of a channel log or a process. */
  epoch(): string;
}
