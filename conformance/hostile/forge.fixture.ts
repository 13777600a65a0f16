import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token with any header and any signature at all: by hand, because libraries refuse to make the wrong ones. */
export function forge(header: object, claims: object, sign: (signed: string) => string): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${sign(signed)}`;
}

export function hmac(secret: string | Buffer, hash: 'sha256' | 'sha512' = 'sha256') {
  return (signed: string) => createHmac(hash, secret).update(signed).digest('base64url');
}

export function rsa(key: KeyObject) {
  return (signed: string) => createSign('RSA-SHA256').update(signed).sign(key, 'base64url');
}

export const unsigned = () => '';

export interface RsaPair {
  readonly privateKey: KeyObject;
  /** PEM, as an operator writes it into the configuration. */
  readonly pem: string;
}

export function rsaPair(): RsaPair {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { privateKey, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}
