/** What the pool and a worker say to each other. */

/** `[id, name, input as JSON text, ms it may take]` */
export type WorkerCall = readonly [id: number, name: string, input: string, timeout: number];

export type WorkerAnswer =
  /** `answer`: JSON text, `null` for nothing; `publish`: JSON text of what is to be published beside, `null` for nothing. */
  | readonly [id: number, type: 'returned', answer: string | null, publish: string | null]
  | readonly [id: number, type: 'threw' | 'failed', error: string];

export interface WorkerData {
  /** What both sides see at once: `RUNNING` holds the id of the call whose code runs at the moment, 0 for none. */
  readonly shared: SharedArrayBuffer;
  readonly functions: readonly { readonly name: string; readonly text: string }[];
  /** Characters of an answer. */
  readonly longest: number;
  /** Messages one call may publish beside. */
  readonly publishes: number;
}

export type ToWorker = { readonly type: 'calls'; readonly calls: readonly WorkerCall[] } | { readonly type: 'ping' };

export type FromWorker =
  /** Loaded; `problems`: functions that could not be. */
  | { readonly type: 'ready'; readonly problems: readonly (readonly [name: string, problem: string])[] }
  | { readonly type: 'answers'; readonly answers: readonly WorkerAnswer[] }
  | { readonly type: 'pong' };
