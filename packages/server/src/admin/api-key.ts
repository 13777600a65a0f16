import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Actor, Scope } from './scopes.ts';

/** An API key as it is kept: its hash proves a secret and does not tell it. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  /** The one app it belongs to; `null`: all of them. */
  readonly app: string | null;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the secret, base64url. The secret has 256 random bits, so nothing slower is needed. */
  readonly hash: string;
  /** ms since 1970. */
  readonly createdAt: number;
  readonly expiresAt: number | null;
  /** Who made it. */
  readonly createdBy: string;
}

const PREFIX = 'pk_';

/** A new key and the text that is shown once. */
export function createApiKey(about: Omit<ApiKey, 'id' | 'hash'>): { key: ApiKey; text: string } {
  const id = randomBytes(9).toString('base64url').replaceAll(/[-_]/g, 'x');
  const secret = randomBytes(32).toString('base64url');
  return { key: { ...about, id, hash: sha256(secret).toString('base64url') }, text: `${PREFIX}${id}.${secret}` };
}

export function isApiKeyText(text: string): boolean {
  return text.startsWith(PREFIX);
}

export function apiKeyId(text: string): string {
  return text.slice(PREFIX.length).split('.')[0] ?? '';
}

/** Whether the text is this key's, in a time that tells nothing. */
export function provesApiKey(text: string, key: ApiKey, now: number): boolean {
  const secret = text.slice(PREFIX.length + key.id.length + 1);
  const right = timingSafeEqual(sha256(secret), Buffer.from(key.hash, 'base64url'));
  return right && (key.expiresAt === null || now < key.expiresAt);
}

/** Compares two secrets in a time that depends on neither. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}

export function actorOf(key: ApiKey): Actor {
  return { name: `key:${key.id}`, app: key.app, scopes: new Set(key.scopes) };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
