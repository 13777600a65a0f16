import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { encodeBase64url } from './base64url.ts';
import type { SigningSecret } from './token.ts';

const PURPOSE = 'portcullis grant v1';

/** Derived keys, by the secret's object and the app; they live as long as the configuration that holds the secret. */
const derived = new WeakMap<SigningSecret, Map<string, Uint8Array>>();

/** HMAC-SHA-256 with a key that HKDF derives for this app and purpose, so that it fits no other token and no other app. */
export function sign(bytes: Uint8Array, app: string, secret: SigningSecret): Uint8Array {
  return hmac(sha256, keyFor(app, secret), bytes);
}

/** Takes equally long wherever the two differ. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** The id of a token: the hash of its bytes. */
export function tokenId(bytes: Uint8Array): string {
  return encodeBase64url(sha256(bytes));
}

function keyFor(app: string, secret: SigningSecret): Uint8Array {
  let keys = derived.get(secret);
  if (keys === undefined) {
    keys = new Map();
    derived.set(secret, keys);
  }
  let key = keys.get(app);
  if (key === undefined) {
    // The app id ends the label, so that no two labels are equal whatever ids are chosen.
    key = hkdf(sha256, utf8ToBytes(secret.secret), utf8ToBytes('portcullis'), utf8ToBytes(`${PURPOSE}\0${app}`), 32);
    keys.set(app, key);
  }
  return key;
}
