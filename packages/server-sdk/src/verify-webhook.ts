export interface VerifyOptions {
  /** How far its time may be from ours, in seconds; 300. */
  readonly tolerance?: number;
  /** ms since 1970; now. */
  readonly now?: number;
}

export type VerifiedWebhook =
  | {
      readonly ok: true /** The same when it is sent again: remember it, and do nothing twice. */;
      readonly id: string;
      readonly payload: unknown;
    }
  | { readonly ok: false; readonly reason: string };

/** Headers as any server has them: a `Headers`, or names and values. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

const TOLERANCE = 300;

/**
 * Whether a webhook came from who holds the secret (Standard Webhooks), lately, and unchanged. `body`: the request's own text, before anything
 * read it. Never rejects for what a stranger sent.
 */
export async function verifyWebhook(
  secret: string,
  headers: WebhookHeaders,
  body: string,
  { tolerance = TOLERANCE, now = Date.now() }: VerifyOptions = {},
): Promise<VerifiedWebhook> {
  const [id, time, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    headerOf(headers, name),
  );
  if (!id || !time || !signatures) return { ok: false, reason: 'a header of the signature is missing' };
  if (!/^\d{1,12}$/.test(time) || Math.abs(now / 1_000 - Number(time)) > tolerance) {
    return { ok: false, reason: 'it is too old, or from a clock that is wrong' };
  }
  const key = await crypto.subtle.importKey('raw', secretBytes(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'verify',
  ]);
  const signed = new TextEncoder().encode(`${id}.${time}.${body}`);
  for (const signature of signatures.split(' ')) {
    const bytes = signature.startsWith('v1,') ? bytesOf(signature.slice('v1,'.length)) : undefined;
    // The platform compares in constant time.
    if (bytes && (await crypto.subtle.verify('HMAC', key, bytes, signed))) return read(id, body);
  }
  return { ok: false, reason: 'no signature of the secret is on it' };
}

function read(id: string, body: string): VerifiedWebhook {
  try {
    return { ok: true, id, payload: JSON.parse(body) };
  } catch {
    return { ok: false, reason: 'the body is no JSON' };
  }
}

function headerOf(headers: WebhookHeaders, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const value = headers[name];
  return typeof value === 'object' ? value[0] : value;
}

function secretBytes(secret: string): Uint8Array<ArrayBuffer> {
  const bytes = bytesOf(secret.replace(/^whsec_/, ''));
  if (bytes === undefined || bytes.length === 0) throw new TypeError('the secret is not whsec_ and base64');
  return bytes;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
