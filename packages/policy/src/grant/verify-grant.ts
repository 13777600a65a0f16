import type { Code } from '../codes.ts';
import { decodeBase64url } from './base64url.ts';
import { ALL_BITS } from './check-grant.ts';
import { decodeToken, type TokenFields } from './decode-grant.ts';
import { encodeGrant, NONCE_KEY, SIGNATURE_BYTES, TOKEN_VERSION } from './encode-grant.ts';
import { GRANT_SECTIONS, type Grant } from './grant.ts';
import { GRANT_LIMITS } from './grant-limits.ts';
import { equalInConstantTime, sign, tokenId } from './signature.ts';
import type { SigningSecret, VerifyContext, VerifyOutcome } from './token.ts';

/**
 * Verifies a permission token: the signature first, and nothing is read before it holds. Decoding is strict: a token
 * has one spelling, the one `mintGrant` gives it, and every other is refused, whatever its signature.
 */
export function verifyGrant(text: string, context: VerifyContext): VerifyOutcome {
  if (text.length > GRANT_LIMITS.tokenLength) return refuse('identity.malformed', 'the token is too long');
  const bytes = bytesOf(text, context.unpadded ?? false);
  if (bytes === undefined || bytes.length <= SIGNATURE_BYTES) {
    return refuse('identity.malformed', 'the token is not canonical base64url');
  }
  const secret = signer(bytes, context);
  if (secret === undefined) return refuse('identity.bad-signature', 'no active secret verifies the token');
  const grant = read(bytes, secret.id);
  if (typeof grant === 'string') return refuse('identity.malformed', grant);
  if (context.now !== undefined && context.now >= (grant.issuedAt + grant.ttl * 60) * 1000) {
    return refuse('identity.expired', 'the token is expired');
  }
  return { ok: true, grant };
}

function bytesOf(text: string, unpadded: boolean): Uint8Array | undefined {
  if (unpadded) return decodeBase64url(text);
  const bare = text.replace(/={1,2}$/, '');
  return text.length % 4 === 0 && text.length - bare.length === (4 - (bare.length % 4)) % 4
    ? decodeBase64url(bare)
    : undefined;
}

function signer(bytes: Uint8Array, { app, secrets }: VerifyContext): SigningSecret | undefined {
  const signed = bytes.subarray(0, -SIGNATURE_BYTES);
  const signature = bytes.subarray(-SIGNATURE_BYTES);
  return secrets.find((secret) => equalInConstantTime(sign(signed, app, secret), signature));
}

function read(bytes: Uint8Array, key: string): Grant | string {
  let fields: TokenFields;
  try {
    fields = decodeToken(bytes);
  } catch {
    return 'the token is not a v3 token';
  }
  const { [NONCE_KEY]: nonce, ...meta } = fields.meta;
  if (fields.version !== TOKEN_VERSION) return 'the token has an unknown version';
  if (typeof nonce !== 'string') return 'the token has no nonce';
  if (fields.ttl < 1 || fields.ttl > GRANT_LIMITS.ttl) return 'the token’s ttl is out of range';
  if (fields.authorizedUser === '') return 'the token’s uuid is empty';
  if (!masksAreKnown(fields)) return 'the token has a permission that does not exist';
  const { version: _version, signature, ...content } = fields;
  if (!sameBytes(encodeGrant({ ...content, meta, nonce }, signature), bytes))
    return 'the token is not spelled canonically';
  const { issuedAt, ttl, resources, patterns, authorizedUser } = content;
  const grant: Grant = { id: tokenId(bytes), key, issuedAt, ttl, resources, patterns, meta };
  return authorizedUser === undefined ? grant : { ...grant, authorizedUser };
}

function masksAreKnown({ resources, patterns }: TokenFields): boolean {
  return GRANT_SECTIONS.every((section) =>
    [...resources[section].values(), ...patterns[section].values()].every(
      (mask) => mask > 0 && (mask | ALL_BITS[section]) === ALL_BITS[section],
    ),
  );
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

const refuse = (code: Code, reason: string): VerifyOutcome => ({ ok: false, code, reason });
