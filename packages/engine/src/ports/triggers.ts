import type { Principal, Rule, SendTarget } from '@portcullis/policy';
import type { MaybePromise } from '../maybe-promise.ts';
import type { JoinOptions } from '../session-api.ts';
import type { StoredTrigger } from './store-triggers.ts';

interface Asked {
  readonly app: string;
  readonly channel: string;
  /** The rule that applied; with rules off, the app's open rule. */
  readonly rule: Rule;
  readonly principal: Principal;
  /** Session id; `''` without a connection. */
  readonly session: string;
  /** ms since 1970. */
  readonly at: number;
}

export interface JoinCall extends Asked {
  readonly action: 'join';
  readonly options: Pick<JoinOptions, 'presence'> & { readonly history: boolean };
}

export interface MessageCall extends Asked {
  readonly action: 'message';
  readonly kind: 'message' | 'signal' | 'file';
  /** After routing. */
  readonly target: SendTarget;
  /** JSON text. */
  readonly data: string;
  /** JSON text. */
  readonly meta?: string;
  readonly customType?: string;
  readonly store: boolean;
  readonly fire: boolean;
  /** How many triggers stand between a client and this message: 0 for what a client sends. */
  readonly hops: number;
}

export type TriggerCall = JoinCall | MessageCall;

/** Whom a message reaches at most. */
export type Narrowing =
  | { readonly to: 'authenticated' }
  | { readonly to: 'table'; readonly table: number | string }
  | { readonly to: 'user'; readonly user: string };

export type Verdict =
  | {
      readonly pass: true;
      /** JSON text that takes the place of the message's. */
      readonly data?: string;
      readonly narrow?: Narrowing;
    }
  | {
      readonly pass: false;
      readonly code: 'trigger.blocked' | 'trigger.failed' | 'limit.ratePerUser' | 'limit.ratePerChannel';
      /** What the operator says to the client; absent: the sentence of the code. */
      readonly reason?: string;
    };

/** The steps of one rule for one action, in order. A stack that is changed becomes another object. */
export interface TriggerStack {
  /** In the same turn where no step has to be waited for. Rejects on a fault of its own only, which refuses. */
  run(call: TriggerCall): MaybePromise<Verdict>;
}

/** What is asked about one channel. */
export type Stacks = { readonly [action in TriggerCall['action']]: TriggerStack | undefined };

/** The trigger stacks of one app. */
export interface Triggers {
  /**
   * `undefined`: nothing is asked, and whatever is done there goes on as if the app had no triggers. Takes no time to speak
   * of: it is looked up on every join and message.
   */
  stacksFor(rule: Rule, channel: string): Stacks | undefined;
}

/** Makes an app's stacks of its configuration and what the store holds; asked at every change of authority. */
export interface TriggerSource {
  /** `null`: no channel of the app has any. Throws on what no stack can be made of; then nothing has changed. */
  compile(stored: readonly StoredTrigger[]): Triggers | null;
}
