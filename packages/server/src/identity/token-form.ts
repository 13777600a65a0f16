export type TokenForm = 'signed' | 'encrypted' | 'grant' | 'none';

/** base64url, without padding. */
const SEGMENT = /^[A-Za-z0-9_-]*$/;
const GRANT = /^[A-Za-z0-9_-]+={0,2}$/;

/**
 * What a token is by its looks: three segments are a JWT, five a JWE, one a permission token. Each segment has to be
 * spelled the one canonical way, so that a token cannot be respelled past a revocation of its id.
 */
export function formOf(token: string): TokenForm {
  const segments = token.split('.', 6);
  if (segments.length === 1) return GRANT.test(token) ? 'grant' : 'none';
  if (segments.length !== 3 && segments.length !== 5) return 'none';
  if (segments[0] === '' || !segments.every(isCanonical)) return 'none';
  return segments.length === 3 ? 'signed' : 'encrypted';
}

/** The protected header, unverified: good for choosing among the keys at hand, and for nothing else. */
export function headerOf(token: string): ReadonlyMap<string, unknown> | undefined {
  const bytes = Buffer.from(token.slice(0, token.indexOf('.')), 'base64url');
  const header = parseJsonObject(bytes);
  return header && new Map(Object.entries(header));
}

export function parseJsonObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCanonical(segment: string): boolean {
  return SEGMENT.test(segment) && Buffer.from(segment, 'base64url').toString('base64url') === segment;
}
