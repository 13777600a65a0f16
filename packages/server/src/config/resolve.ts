import { createHash } from 'node:crypto';
import { ASYMMETRIC_JWE, type IdentityKeyConfig, SYMMETRIC_JWE } from '../identity/key-config.ts';
import { resolveGates } from './gates.ts';
import { isLoopback } from './loopback.ts';
import type { AppInput, JwtInput, RootInput } from './schema/root.ts';
import { LOCAL_ORIGINS } from './schema/server.ts';
import type { AccessConfig, AppConfig, ServerConfig, ServerSettings } from './types.ts';

/** An app as its schema read it; rules are there only when it came from the file. */
export type SettingsInput = Omit<AppInput, 'channels'> & Partial<Pick<AppInput, 'channels'>>;

/** Fills in the defaults that depend on other keys. The input has passed the checks. */
export function resolveConfig({ server, apps, ...rest }: RootInput): ServerConfig {
  return {
    ...rest,
    server: { ...server, origins: server.origins ?? defaultOrigins(server.publicUrl) },
    apps: apps.map((app) => resolveApp(app, server)),
  };
}

export function resolveApp(app: SettingsInput, server: Pick<ServerSettings, 'host'>): AppConfig {
  return {
    ...app,
    access: resolveAccess(app, server),
    identity: { jwt: app.identity.jwt.map(resolveJwt) },
    channels: app.channels ?? [],
    limits: { ...app.limits, rosterMax: app.presence.rosterMax },
    history: { max: app.history.max, default: app.history.default ?? app.history.max },
  };
}

function defaultOrigins(publicUrl: string | undefined): readonly string[] {
  return publicUrl === undefined ? LOCAL_ORIGINS : [...LOCAL_ORIGINS, new URL(publicUrl).origin];
}

function resolveAccess(app: SettingsInput, { host }: Pick<ServerSettings, 'host'>): AccessConfig {
  const { access } = app;
  const explained = isLoopback(host) ? 'full' : 'short';
  if (access === 'open') {
    return {
      open: true,
      rules: false,
      grants: false,
      patternMatch: 'full',
      unboundTokens: 'stated',
      groupAdd: 'covered',
      explainToClients: explained,
    };
  }
  const gates = resolveGates(access, app);
  if (gates === undefined) throw new Error('an app passed the checks without saying which gates are shut');
  return { ...access, ...gates, open: false, explainToClients: access.explainToClients ?? explained };
}

/** Keys with ids of their own where the operator gave none. That each has what its algorithm needs has been checked. */
function resolveJwt({
  alg,
  enc = 'A256CBC-HS512',
  secret,
  encoding,
  pem,
  jwks,
  ...common
}: JwtInput): IdentityKeyConfig {
  const { users, issuer, audience, kid } = common;
  const id = common.id ?? `jwt-${fingerprint(JSON.stringify([alg, secret ?? pem ?? jwks, users ?? '']))}`;
  const shared = secret === undefined ? undefined : { secret, ...(encoding === undefined ? {} : { encoding }) };
  if (alg === 'HS256' && shared !== undefined) return { ...common, ...shared, id, kind: 'secret', alg };
  if (isOneOf(SYMMETRIC_JWE, alg) && shared !== undefined) return { ...common, ...shared, id, kind: 'jwe', alg, enc };
  if (isOneOf(ASYMMETRIC_JWE, alg) && pem !== undefined) {
    return { id, kind: 'jwe-private', alg, enc, pem, ...(kid === undefined ? {} : { kid }) };
  }
  if ((alg === 'RS256' || alg === 'ES256') && pem !== undefined) return { ...common, id, kind: 'pem', alg, pem };
  if ((alg === 'RS256' || alg === 'ES256') && jwks !== undefined && issuer !== undefined && audience !== undefined) {
    return { ...common, id, kind: 'jwks', alg, jwks, issuer, audience };
  }
  throw new Error('a JWT key passed the checks without what its algorithm needs');
}

function isOneOf<const W extends string>(words: readonly W[], word: string): word is W {
  return words.some((candidate) => candidate === word);
}

/** A name for a key that stays the same when keys are reordered: 32 bits of a hash, which tell nothing about a strong key. */
export function fingerprint(material: string): string {
  return createHash('sha256').update(`portcullis key id\n${material}`).digest('hex').slice(0, 8);
}
