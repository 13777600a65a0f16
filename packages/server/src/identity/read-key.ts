import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import {
  type AsymmetricJwe,
  type IdentityKeyConfig,
  JWE_CONTENT_KEY,
  type JwksKeyConfig,
  type KeyScope,
  type PublicAlgorithm,
  type SecretEncoding,
  type SymmetricJweConfig,
} from './key-config.ts';
import type { TrustedKey } from './trusted-key.ts';

const LEAST_SECRET = 32;
const LEAST_RSA_BITS = 2048;
const WRAPPING_KEY = { A128KW: 16, A192KW: 24, A256KW: 32, A128GCMKW: 16, A192GCMKW: 24, A256GCMKW: 32 } as const;

/** Throws a `TypeError` that says what is wrong with the key, in words that hold nothing of it. */
export function readKey(config: Exclude<IdentityKeyConfig, JwksKeyConfig>): TrustedKey {
  const named = { id: config.id, ...(config.kid === undefined ? {} : { kid: config.kid }) };
  switch (config.kind) {
    case 'secret': {
      const key = secretBytes(config.secret, config.encoding);
      if (key.byteLength < LEAST_SECRET) throw new TypeError(`needs a secret of at least ${LEAST_SECRET} bytes`);
      return { type: 'signing', ...named, alg: config.alg, key, scope: scopeOf(config) };
    }
    case 'pem': {
      const key = readPublicPem(config.pem);
      const reason = unfit(key, config.alg);
      if (reason) throw new TypeError(reason);
      return { type: 'signing', ...named, alg: config.alg, key, scope: scopeOf(config) };
    }
    case 'jwe': {
      const key = secretBytes(config.secret, config.encoding);
      const length = contentOrWrappingLength(config);
      if (key.byteLength !== length) throw new TypeError(`needs a secret of exactly ${length} bytes`);
      return { type: 'unwrapping', ...named, alg: config.alg, enc: config.enc, key, scope: scopeOf(config) };
    }
    case 'jwe-private': {
      const key = readPrivatePem(config.pem, config.alg);
      return { type: 'unwrapping', ...named, alg: config.alg, enc: config.enc, key };
    }
  }
}

export function scopeOf({ issuer, audience, users }: KeyScope): KeyScope {
  return {
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
    ...(users === undefined ? {} : { users }),
  };
}

/** Why a public key cannot serve an algorithm; `undefined` when it can. */
export function unfit(key: KeyObject, alg: PublicAlgorithm): string | undefined {
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  switch (alg) {
    case 'RS256':
      if (key.asymmetricKeyType !== 'rsa') return 'RS256 needs an RSA key';
      return modulusLength < LEAST_RSA_BITS ? `RS256 needs a key of at least ${LEAST_RSA_BITS} bits` : undefined;
    case 'ES256':
      return key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1' ? undefined : 'ES256 needs a P-256 key';
  }
}

export function secretBytes(secret: string, encoding: SecretEncoding = 'text'): Uint8Array {
  const bytes = encoding === 'text' ? Buffer.from(secret) : decodeBase64(secret);
  // A public key taken for a shared secret lets everybody sign: the key is public.
  const looks = bytes.subarray(0, 64).toString('latin1').trimStart();
  if (looks.startsWith('-----BEGIN')) throw new TypeError('takes a shared secret, not a PEM');
  if (/^\{\s*"/.test(looks)) throw new TypeError('takes a shared secret, not a JWK');
  return new Uint8Array(bytes);
}

function decodeBase64(text: string): Buffer {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) throw new TypeError('has a secret that is not base64');
  return Buffer.from(text, 'base64');
}

function contentOrWrappingLength({ alg, enc }: SymmetricJweConfig): number {
  return alg === 'dir' ? JWE_CONTENT_KEY[enc] : WRAPPING_KEY[alg];
}

function readPublicPem(pem: string): KeyObject {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    throw new TypeError('holds a private key: give the public key, and keep the private one with the issuer');
  }
  try {
    return pem.includes('-----BEGIN CERTIFICATE-----') ? new X509Certificate(pem).publicKey : createPublicKey(pem);
  } catch {
    throw new TypeError('holds no public key in PEM form');
  }
}

function readPrivatePem(pem: string, alg: AsymmetricJwe): KeyObject {
  const key = parsePrivatePem(pem);
  const wanted = alg === 'RSA-OAEP-256' ? 'rsa' : 'ec';
  if (key.asymmetricKeyType !== wanted)
    throw new TypeError(`${alg} needs ${wanted === 'rsa' ? 'an RSA' : 'an EC'} key`);
  if (wanted === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) < LEAST_RSA_BITS) {
    throw new TypeError(`${alg} needs a key of at least ${LEAST_RSA_BITS} bits`);
  }
  return key;
}

function parsePrivatePem(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new TypeError('holds no private key in PEM form');
  }
}
