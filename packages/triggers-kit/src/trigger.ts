import type { JsonObject } from '@portcullis/policy';

/** What every step of a trigger sees, whether it is a condition, an endpoint or a function. Always whole. */
export interface TriggerInput<Payload = unknown> {
  readonly action: 'join' | 'message';
  readonly channel: string;
  /** What the stars of the target stand for, in order. */
  readonly params: readonly string[];
  readonly principal: TriggerPrincipal;
  readonly options: TriggerOptions;
  /** Of a message: what is sent. Of a join: `{ presence, history }`. */
  readonly payload: Payload;
  /** ms since 1970. */
  readonly at: number;
}

export interface TriggerPrincipal {
  readonly kind: 'anonymous' | 'user' | 'stated' | 'server' | 'trigger';
  /** The proven user id; `''` when none is proven. */
  readonly user: string;
  /** A user id that is only stated: a label. */
  readonly claimedUser: string;
  /** Table and row of a proven user; 0 for everyone else. */
  readonly dbo: number | string;
  readonly row: number | string;
  readonly extras: JsonObject;
  /** The permission token it carries, never the token itself. */
  readonly grant: { readonly id: string; readonly meta: JsonObject } | null;
}

export interface TriggerOptions {
  readonly kind: 'join' | 'message' | 'signal' | 'file';
  /** To whom it goes after routing; `''` for a join. */
  readonly to: '' | 'everyone' | 'authenticated' | 'session' | 'user';
  readonly authenticated: boolean;
  /** The session or user it is for; `''` when it is not for one. */
  readonly session: string;
  readonly user: string;
  /** Given its place and delivered to nobody. */
  readonly fire: boolean;
  /** Whether its publisher lets it be kept. */
  readonly store: boolean;
  /** What the publisher says beside the payload; `null` when nothing. */
  readonly meta: unknown;
  readonly customType: string;
  /** Asked for at a join. */
  readonly presence: boolean;
  readonly history: boolean;
}

/** The native form of an answer. Nothing (`undefined`) is yes. */
export interface TriggerAnswer {
  readonly allow: boolean;
  /** Shown to the client when `allow` is false. */
  readonly reason?: string;
  /** Takes the place of the message's payload. */
  readonly payload?: unknown;
}

/** What a function can do beside answering. */
export interface TriggerContext {
  /**
   * Publishes a message in one of the channels that the trigger's `publishes` names, once the function has answered. Decided
   * as principal `trigger`; at most ten in one call.
   */
  readonly publish: (channel: string, payload: unknown) => void;
}

export type Trigger<Payload = unknown> = (
  input: TriggerInput<Payload>,
  context: TriggerContext,
) => TriggerAnswer | undefined | Promise<TriggerAnswer | undefined>;

/** As a Xano trigger answers, for steps that say `returns: xano`: `false` refuses; of a message any other value takes the payload's place. */
export type XanoTrigger<Payload = unknown> = (input: TriggerInput<Payload>, context: TriggerContext) => unknown;
