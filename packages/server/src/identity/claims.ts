import type { JsonObject } from '@portcullis/policy';
import { measureExtras } from './extras.ts';
import { type ProofRefused, refused } from './identified.ts';
import type { IdentityLimits, KeyScope } from './key-config.ts';
import { unfitUserId } from './user-id.ts';

/** What a genuine token says, in our words. Whether it holds *now* is asked again on every use. */
export interface Claims {
  readonly user: string;
  readonly table: number | string;
  readonly row: number | string;
  readonly extras: JsonObject;
  /** A permission token that is carried along, not yet looked at. */
  readonly grant?: string;
  readonly jti?: string;
  /** Seconds since 1970; 0 when the token does not say. */
  readonly issuedAt: number;
  /** ms since 1970. */
  readonly notBefore: number;
  readonly expiresAt: number;
}

export interface ClaimRules {
  readonly scope: KeyScope;
  readonly limits: IdentityLimits;
  /** The `users` names of all the app's keys: only their own key speaks for users that begin with one. */
  readonly namespaces: ReadonlySet<string>;
}

type Read<T> = { readonly ok: true; readonly value: T } | ProofRefused;
type Payload = ReadonlyMap<string, unknown>;

const malformed = (reason: string) => refused('identity.malformed', reason);
/** The last instant a `Date` can show; later expiries read as this. */
const LAST_INSTANT = 8.64e15;

/** `payload`: the claims of a token whose signature, or authenticated encryption, has been verified. */
export function readClaims(payload: Payload, rules: ClaimRules): Read<Claims> {
  if (!isMeantForUs(payload, rules.scope)) {
    return refused('identity.wrong-audience', 'its "iss" or "aud" is not what the key is configured with');
  }
  const times = readTimes(payload);
  if (!times.ok) return times;
  const who = readUser(payload, rules);
  if (!who.ok) return who;
  const extras = measureExtras(payload.get('extras'), rules.limits);
  if (!extras.ok) return extras;
  const grant = payload.get('grant');
  if (grant !== undefined && typeof grant !== 'string') return malformed('"grant" has to be a permission token');
  const jti = payload.get('jti');
  if (jti !== undefined && typeof jti !== 'string') return malformed('"jti" has to be a string');
  return {
    ok: true,
    value: {
      ...who.value,
      ...times.value,
      extras: extras.value,
      ...(grant === undefined ? {} : { grant }),
      ...(jti === undefined ? {} : { jti }),
    },
  };
}

function isMeantForUs(payload: Payload, { issuer, audience }: KeyScope): boolean {
  if (issuer !== undefined && payload.get('iss') !== issuer) return false;
  if (audience === undefined) return true;
  const aud = payload.get('aud');
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  return audience.some((wanted) => named.includes(wanted));
}

function readTimes(payload: Payload): Read<Pick<Claims, 'issuedAt' | 'notBefore' | 'expiresAt'>> {
  const exp = payload.get('exp');
  if (!isInstant(exp)) return malformed('"exp" is required: seconds since 1970');
  const nbf = claimOr(payload, 'nbf', 0);
  const iat = claimOr(payload, 'iat', 0);
  if (!isInstant(nbf) || !isInstant(iat)) return malformed('"nbf" and "iat" have to be seconds since 1970');
  return {
    ok: true,
    value: {
      // A fraction does not lift a token out of the second that a revocation of "everything issued before" includes.
      issuedAt: Math.floor(iat),
      // A token dated ahead would outlive the revocation of everything issued before an instant.
      notBefore: Math.max(nbf, iat) * 1000,
      expiresAt: Math.min(Math.floor(exp * 1000), LAST_INSTANT),
    },
  };
}

function readUser(payload: Payload, rules: ClaimRules): Read<Pick<Claims, 'user' | 'table' | 'row'>> {
  const { users } = rules.scope;
  const sub = payload.get('sub');
  const table = claimOr(payload, 'dbo_id', 1);
  const row = claimOr(payload, 'row_id', sub);
  if (sub !== undefined && typeof sub !== 'string') return malformed('"sub" has to be a string');
  if (row === undefined) return malformed('it names no user: neither "sub" nor "row_id"');
  if (!isRowId(row) || !isRowId(table)) return malformed('"dbo_id" and "row_id" have to be whole numbers or strings');
  if (String(table).includes(':')) return malformed('"dbo_id" must not contain ":"');
  // A table row is an address of its user as well, so a namespace holds for both.
  const within = (id: string) => (users === undefined ? id : `${users}:${id}`);
  const user = within(sub ?? `${table}:${row}`);
  const unfit = [user, String(table), String(row)].map((id) => unfitUserId(id, rules.limits)).find(Boolean);
  if (unfit) return malformed(`"sub", "dbo_id" and "row_id" ${unfit}`);
  if (users === undefined && isForeign(user, rules.namespaces)) {
    return refused('identity.user-mismatch', 'it speaks for a user of another issuer of this app');
  }
  return { ok: true, value: { user, table: users === undefined ? table : within(String(table)), row } };
}

function claimOr(payload: Payload, name: string, otherwise: unknown): unknown {
  return payload.has(name) ? payload.get(name) : otherwise;
}

function isForeign(user: string, namespaces: ReadonlySet<string>): boolean {
  const colon = user.indexOf(':');
  return colon >= 0 && namespaces.has(user.slice(0, colon));
}

function isInstant(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY;
}

function isRowId(value: unknown): value is number | string {
  return typeof value === 'string' || (Number.isSafeInteger(value) && Number(value) >= 0);
}
