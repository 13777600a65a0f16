import type { Target } from '@portcullis/policy';

/** A trigger as it is configured: the steps that run, in order, before a join or message takes effect. */
export interface TriggerSpec {
  /** The target of the rule it belongs to; with rules off, a nested pattern of its own. */
  readonly channel: string;
  readonly on: readonly ('join' | 'message')[];
  readonly enabled: boolean;
  readonly description: string;
  /** Channels its functions and endpoints may publish in. */
  readonly publishes: readonly Target[];
  readonly steps: readonly StepSpec[];
}

/** A trigger where it is: in the file, or made here. */
export interface PlacedTrigger extends TriggerSpec {
  /** Those of the file are 1, 2, 3 … by position. */
  readonly id: number;
  readonly origin: 'file' | 'store';
}

export type StepSpec = { readonly when?: string; readonly onError: OnError } & Work;

export type OnError = 'block' | 'pass';
/** How an answer is read: `{ allow, reason, payload }`, or as a Xano trigger answers. */
export type Returns = 'native' | 'xano';

export type Work =
  | { readonly does: 'block'; readonly reason: string }
  | ({ readonly does: 'change' } & Change)
  | ({ readonly does: 'rate' } & Rate)
  | ({ readonly does: 'http' } & Http)
  | ({ readonly does: 'function' } & FunctionCall);

export interface Change {
  /** Fields of the payload, dotted, and the expressions they become. */
  readonly set: readonly (readonly [path: string, expression: string])[];
  readonly remove: readonly string[];
  /** The whole payload. */
  readonly replace?: string;
  readonly audience?: AudienceSpec;
}

export type AudienceSpec =
  | { readonly to: 'authenticated' }
  | { readonly to: 'user' | 'table'; readonly expression: string };

export interface Rate {
  readonly per: 'user' | 'channel';
  readonly limit: number;
  /** ms. */
  readonly within: number;
  readonly reason?: string;
}

export interface Http {
  readonly url: string;
  readonly secret: string;
  readonly timeout: number;
  readonly returns: Returns;
}

export interface FunctionCall {
  readonly name: string;
  readonly timeout: number;
  readonly returns: Returns;
}
