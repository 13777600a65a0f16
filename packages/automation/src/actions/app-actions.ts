import type { ListenerSpec } from './spec.ts';

export interface ActionLimits {
  /** Events that wait for one action, and the bytes of them. Beyond it, newer ones are dropped and counted: `limit.outbox`, `limit.outboxBytes`. */
  readonly outbox: number;
  readonly outboxBytes: number;
  /** Dead letters of the app; the oldest go. */
  readonly deadLetters: number;
  /** Actions that may stand between what happened and what an action publishes. */
  readonly actionHops: number;
  /** Refusals that are told in a second, and of those from one address. */
  readonly deniedEvents: number;
  readonly deniedPerAddress: number;
}

export interface DefinedListener extends ListenerSpec {
  /** `file`: read-only. */
  readonly origin: 'file' | 'store';
}

/** Everything an app's configuration says of listeners. */
export interface AppActions {
  readonly app: string;
  /** The vendor's envelopes name it. */
  readonly subscribeKey: string;
  readonly listeners: readonly DefinedListener[];
  readonly limits: ActionLimits;
}
