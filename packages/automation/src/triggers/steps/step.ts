import type { MaybePromise, Narrowing, TriggerCall } from '@portcullis/engine';
import type { Json } from '@portcullis/policy';
import type { CallInput } from '../input.ts';

/** What a step wants to be published beside. */
export interface Publishing {
  readonly channel: string;
  readonly payload: Json;
}

/** What a step came to. */
export type StepOutcome =
  | {
      readonly type: 'pass';
      /** Takes the place of the payload. */
      readonly payload?: Json;
      readonly narrow?: Narrowing;
      readonly publish?: readonly Publishing[];
    }
  | {
      readonly type: 'block';
      readonly code: 'trigger.blocked' | 'limit.ratePerUser' | 'limit.ratePerChannel';
      readonly reason?: string;
      readonly publish?: readonly Publishing[];
    }
  /** Refuses, unless the step says otherwise. `error` is for operators. */
  | { readonly type: 'failed'; readonly error: string };

/** A trial does what the real thing does, but spends no rate and asks nobody outside unless told to. */
export interface Trial {
  readonly endpoints: boolean;
}

export interface StepContext {
  readonly call: TriggerCall;
  readonly trial: Trial | null;
}

export interface Step {
  /** Its kind, as it is configured. */
  readonly kind: string;
  run(input: CallInput, context: StepContext): MaybePromise<StepOutcome>;
}

export const PASSED: StepOutcome = { type: 'pass' };

export const failed = (error: string): StepOutcome => ({ type: 'failed', error });
