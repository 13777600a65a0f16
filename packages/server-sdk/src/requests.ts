import type { JsonObject, Permission } from '@portcullis/policy';

/** Names, or patterns, and what is allowed of them: words, or a sum of permission bits. */
export interface Permissions {
  readonly channels?: Readonly<Record<string, readonly Permission[] | number>>;
  readonly groups?: Readonly<Record<string, readonly Permission[] | number>>;
  readonly uuids?: Readonly<Record<string, readonly Permission[] | number>>;
}

export interface GrantRequest {
  /** Minutes, 1 to 43 200. */
  readonly ttl: number;
  /** The one user who may bear it. */
  readonly authorizedUser?: string;
  readonly resources?: Permissions;
  /** Regular expressions that match whole names. */
  readonly patterns?: Permissions;
  readonly meta?: JsonObject;
}

export interface Granted {
  readonly token: string;
  /** By which logs and revocations name it. */
  readonly id: string;
  /** What looks like a mistake: a pattern that is probably meant as a glob, for instance. */
  readonly warnings: readonly { readonly at: string; readonly message: string }[];
}

/** Whose tokens are taken back. */
export type RevokeRequest = { readonly reason?: string } & (
  | { readonly token: string }
  | { readonly tokenId: string }
  | { readonly user: string; readonly channel?: string }
  | { readonly key: string }
  | { readonly jti: string }
  /** Seconds since 1970. */
  | { readonly issuedBefore: number }
);

/** Nothing whose publish begins after it, nor with a greater timetoken, reaches those who lost their right. */
export interface Acknowledged {
  readonly epoch: number;
  readonly timetoken: string;
}

export interface PublishOptions {
  /** Only the authenticated of this table; with `row` that one user. */
  readonly table?: number | string;
  readonly row?: number | string;
  /** Only the proven sessions of this user. */
  readonly user?: string;
}

export interface Published {
  readonly position: { readonly epoch: string; readonly offset: number } | null;
  readonly timetoken: string;
  /** Sessions of the answering node it was meant for. */
  readonly delivered: number;
}

export interface KickOptions {
  /** How long the user is held off, like `60s`; 0: not at all. The server's default is 60 s. */
  readonly for?: string | number;
  readonly reason?: string;
}

export interface Kicked extends Acknowledged {
  /** ms since 1970. */
  readonly heldUntil: number | null;
  readonly sessions: number;
}
