/** What the engine counts. One method each, so that an adapter cannot miss or misspell a name. */
export interface Meter {
  published(app: string, audience: string): void;
  /** Messages handed to sockets or queues, once per flush. */
  delivered(app: string, messages: number): void;
  /** `principal`: `anonymous`, `user:<id>`, `stated:<id>` or `server:<name>`; `rule`: the deciding rule's id. */
  denied(app: string, code: string, principal: string, rule: number | null): void;
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
