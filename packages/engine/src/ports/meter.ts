/** What the engine counts. One method each, so that an adapter cannot miss or misspell a name. */
export interface Meter {
  published(app: string, audience: string): void;
  /** Messages handed to sockets or queues, once per flush. */
  delivered(app: string, messages: number): void;
  denied(app: string, code: string): void;
  sessionOpened(app: string): void;
  sessionClosed(app: string, code: string): void;
  /** From an expiry's instant to the client being told, ms. */
  expiryLag(ms: number): void;
  /** From C(x) to the last affected subscription being settled, ms. */
  settled(app: string, subs: number, ms: number): void;
}

export const SILENT_METER: Meter = {
  published() {},
  delivered() {},
  denied() {},
  sessionOpened() {},
  sessionClosed() {},
  expiryLag() {},
  settled() {},
};
