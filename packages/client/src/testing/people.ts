import {
  ANONYMOUS,
  BIT,
  type Credential,
  type Grant,
  type GrantTable,
  type JsonObject,
  type Permission,
  type Principal,
} from '@portcullis/policy';

type Entries = { readonly [name: string]: readonly Permission[] };

/** Permissions as a backend would seal them in a token. */
export interface TestGrant {
  readonly channels?: Entries;
  readonly patterns?: Entries;
}

/** Somebody with a token. */
export interface TestUser {
  readonly user: string;
  readonly extras?: JsonObject;
  readonly table?: number | string;
  readonly row?: number | string;
  readonly grant?: TestGrant;
  /** ms from now; a token without it does not end. */
  readonly ttl?: number;
}

/** Tokens of a test server: they prove who they were made for, and nothing outside the test. */
export class People {
  readonly #principals = new Map<string, Principal>();
  #last = 0;

  token(person: TestUser, now: number): string {
    this.#last += 1;
    const token = `test-token-${this.#last}`;
    this.#principals.set(token, principalOf(person, token, now));
    return token;
  }

  /** @returns undefined for a token that was not made here */
  prove(token: string | undefined, stated: string | undefined): Principal | undefined {
    if (token !== undefined) return this.#principals.get(token);
    return stated === undefined ? ANONYMOUS : { kind: 'stated', user: stated, credentials: [] };
  }
}

/** As a verified token would have it. */
export function principalOf(
  { user, extras = {}, table = 1, row = user, grant, ttl }: TestUser,
  id: string,
  now: number,
): Principal {
  const credential: Credential = {
    type: 'jwt',
    id,
    key: 'test',
    issuedAt: Math.floor(now / 1_000),
    expiresAt: ttl === undefined ? Number.POSITIVE_INFINITY : now + ttl,
  };
  const carried = grant === undefined ? {} : { grant: grantOf(grant, id, now) };
  return { kind: 'user', user, table, row, extras, credentials: [credential], ...carried };
}

function grantOf({ channels = {}, patterns = {} }: TestGrant, id: string, now: number): Grant {
  return {
    id,
    key: 'test',
    issuedAt: Math.floor(now / 1_000),
    ttl: 60,
    resources: tableOf(channels),
    patterns: tableOf(patterns),
    meta: {},
  };
}

function tableOf(entries: Entries): GrantTable {
  const channels = new Map<string, number>();
  for (const [name, permissions] of Object.entries(entries)) {
    channels.set(
      name,
      permissions.reduce((bits, permission) => bits | BIT[permission], 0),
    );
  }
  return { channels, groups: new Map(), uuids: new Map() };
}
