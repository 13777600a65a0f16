import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a version 2 signature covers. */
export interface SignedParts {
  readonly method: string;
  readonly publishKey: string;
  /** Raw, without the query. */
  readonly path: string;
  /** See `canonicalQuery`. */
  readonly query: string;
  readonly body: string;
}

/** Version 2: `v2.` and base64url of HMAC-SHA-256, without padding. */
export function signV2(secret: string, { method, publishKey, path, query, body }: SignedParts): string {
  return `v2.${hmac(secret, [method, publishKey, path, query, body])}`;
}

/** Version 1, which some clients still use for POST publish: covers neither method nor body, and keeps its padding. */
export function signV1(
  secret: string,
  { subscribeKey, publishKey, path, query }: Omit<SignedParts, 'method' | 'body'> & { readonly subscribeKey: string },
): string {
  return `${hmac(secret, [subscribeKey, publishKey, path, query])}=`;
}

/** Of texts: no second spelling of the same bytes is equal. */
export function equalInConstantTime(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

const hmac = (secret: string, lines: readonly string[]): string =>
  createHmac('sha256', secret).update(lines.join('\n')).digest('base64url');
