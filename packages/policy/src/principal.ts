import type { Grant } from './grant/grant.ts';
import type { Target } from './target.ts';

/** JSON value, as it travels on every wire. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/**
 * One verified proof a request carries: what a revocation can name. A principal may carry two (a JWT and the
 * permission token inside it); each is looked at on every decision.
 */
export interface Credential {
  readonly type: 'jwt' | 'grant';
  /** Hash of the canonical bytes of the token. The only form in which a token is ever logged. */
  readonly id: string;
  /** Id of the key that verified it, unique within the app. */
  readonly key: string;
  readonly jti?: string;
  /** Seconds since 1970. A JWT without `iat` counts as issued at 0. */
  readonly issuedAt: number;
  /** Milliseconds since 1970; the first instant at which it no longer holds. */
  readonly expiresAt: number;
}

interface Proven {
  readonly credentials: readonly Credential[];
  /** The verified permission token that is carried along, if any. */
  readonly grant?: Grant;
}

export interface Anonymous extends Proven {
  readonly kind: 'anonymous';
}

/** A proven identity. */
export interface User extends Proven {
  readonly kind: 'user';
  readonly user: string;
  /** Id of the table the user is a row of; 1 when the token names none. */
  readonly table: number | string;
  /** Id of the row; the user id when the token names none. */
  readonly row: number | string;
  /** Shown in presence and messages. */
  readonly extras: JsonObject;
}

/** A user id that the client only states: a label. It never ends, alters, owns or receives for a proven user. */
export interface Stated extends Proven {
  readonly kind: 'stated';
  readonly user: string;
}

/** The holder of a secret key or an API key with the scope `publish` or `act`. Needs no rule and no grant. */
export interface Server extends Proven {
  readonly kind: 'server';
  /** Who it is in the audit trail: the key's id, never the key. */
  readonly name: string;
  /** The user id it goes by before others, where it names one: a label, as if stated. */
  readonly as?: string;
}

/** A trigger that publishes something itself: in the channels its configuration names, and nothing else. */
export interface TriggerPrincipal extends Proven {
  readonly kind: 'trigger';
  /** Who it is in the audit trail. */
  readonly name: string;
  readonly channels: readonly Target[];
}

/** Who asks. */
export type Principal = Anonymous | User | Stated | Server | TriggerPrincipal;

export const ANONYMOUS: Anonymous = { kind: 'anonymous', credentials: [] };

/** The user id the principal proves or states; `undefined` for the anonymous and for servers. */
export function statedUser(principal: Principal): string | undefined {
  return principal.kind === 'user' || principal.kind === 'stated' ? principal.user : undefined;
}

/** The user id by which others know the principal: also that of a server that goes by one. */
export function shownUser(principal: Principal): string | undefined {
  return principal.kind === 'server' ? principal.as : statedUser(principal);
}

/** The first instant, in ms since 1970, at which one of the proofs no longer holds; `Infinity` when none ends. */
export function expiresAt(principal: Principal): number {
  let first = Number.POSITIVE_INFINITY;
  for (const credential of principal.credentials) first = Math.min(first, credential.expiresAt);
  return first;
}
