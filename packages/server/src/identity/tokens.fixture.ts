import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SILENT_LOG } from '@portcullis/engine';
import type { Principal, User } from '@portcullis/policy';
import type { Identified, Proofs } from './identified.ts';
import { Identifier, type IdentifierDeps } from './identifier.ts';
import { IDENTITY_LIMITS, type IdentityConfig, type IdentityKeyConfig, type SecretKeyConfig } from './key-config.ts';
import { ManualClock, SECONDS } from './manual-clock.fixture.ts';

export const APP = 'demo';
export const SECRET = 'a-shared-secret-of-the-app-that-is-long-enough';
export const SHARED: SecretKeyConfig = { kind: 'secret', id: 'main', alg: 'HS256', secret: SECRET };
export const OUTBOUND = { private: 'deny', timeout: 2_000, maxBytes: 262_144, refetchAfter: 30_000 } as const;

export const claims = (more: object = {}) => ({ sub: 'alice', iat: SECONDS, exp: SECONDS + 3_600, ...more });

export const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

export function hs256(payload: unknown, secret: string | Uint8Array = SECRET, header: object = {}): string {
  const input = `${encode({ alg: 'HS256', typ: 'JWT', ...header })}.${encode(payload)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

export function rs256(payload: unknown, key: KeyObject, header: object = {}): string {
  const input = `${encode({ alg: 'RS256', typ: 'JWT', ...header })}.${encode(payload)}`;
  return `${input}.${createSign('sha256').update(input).sign(key).toString('base64url')}`;
}

export function es256(payload: unknown, key: KeyObject, header: object = {}): string {
  const input = `${encode({ alg: 'ES256', typ: 'JWT', ...header })}.${encode(payload)}`;
  return `${input}.${createSign('sha256').update(input).sign({ key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

export const rsaPair = (bits = 2_048) => generateKeyPairSync('rsa', { modulusLength: bits });
export const ecPair = (namedCurve = 'P-256') => generateKeyPairSync('ec', { namedCurve });
export const pemOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();
export const privatePemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

export function identityOf(keys: readonly IdentityKeyConfig[], more: Partial<IdentityConfig> = {}): IdentityConfig {
  return { app: APP, keys, grantSecrets: [], limits: IDENTITY_LIMITS, ...more };
}

export function identifierWith(
  keys: readonly IdentityKeyConfig[],
  { config = {}, ...deps }: Partial<IdentifierDeps> & { config?: Partial<IdentityConfig> } = {},
): Identifier {
  const fetch = async () => ({ ok: false, reason: 'unreachable' }) as const;
  const around = { clock: new ManualClock(), log: SILENT_LOG, outbound: OUTBOUND, fetch, ...deps };
  return new Identifier(identityOf(keys, config), around);
}

/** The code of a refusal, or who it is in one word. */
export async function outcome(identifier: Identifier, proofs: Proofs | string): Promise<string> {
  const identified = await identifier.identify(typeof proofs === 'string' ? { token: proofs } : proofs);
  return identified.ok ? wordFor(identified.principal) : identified.code;
}

export function wordFor(principal: Principal): string {
  return principal.kind === 'user' || principal.kind === 'stated'
    ? `${principal.kind} ${principal.user}`
    : principal.kind;
}

export async function userOf(identifier: Identifier, proofs: Proofs | string): Promise<User> {
  const identified: Identified = await identifier.identify(typeof proofs === 'string' ? { token: proofs } : proofs);
  if (!identified.ok) throw new Error(`refused: ${identified.code}: ${identified.reason}`);
  if (identified.principal.kind !== 'user') throw new Error(`not a user but ${identified.principal.kind}`);
  return identified.principal;
}
