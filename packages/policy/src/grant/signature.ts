import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { encodeBase64url } from './base64url.ts';
import type { Platform, SigningSecret } from './token.ts';

const PURPOSE = 'portcullis grant v1';

/** The key that HKDF derives for one app and this purpose, so that a signature fits no other token and no other app. */
class SigningKey {
  readonly #key: Uint8Array;
  /** A MAC that has taken the key in, and one that takes it over from there for each signature. */
  readonly #keyed: ReturnType<typeof hmac.create>;
  readonly #working: ReturnType<typeof hmac.create>;

  constructor(app: string, { secret }: SigningSecret) {
    // The app id ends the label, so that no two labels are equal whatever ids are chosen.
    const label = utf8ToBytes(`${PURPOSE}\0${app}`);
    this.#key = hkdf(sha256, utf8ToBytes(secret), utf8ToBytes('portcullis'), label, 32);
    this.#keyed = hmac.create(sha256, this.#key);
    this.#working = hmac.create(sha256, this.#key);
  }

  sign(bytes: Uint8Array, platform: Platform | undefined): Uint8Array {
    if (platform !== undefined) return platform.hmacSha256(this.#key, bytes);
    return this.#keyed._cloneInto(this.#working).update(bytes).digest();
  }
}

/** By the secret's object and the app; they live as long as the configuration that holds the secret. */
const keys = new WeakMap<SigningSecret, Map<string, SigningKey>>();

/** HMAC-SHA-256 under the key of this secret for this app. */
export function sign(bytes: Uint8Array, app: string, secret: SigningSecret, platform?: Platform): Uint8Array {
  return keyFor(app, secret).sign(bytes, platform);
}

/** Takes equally long wherever the two differ. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** The id of a token: the hash of its bytes. */
export function tokenId(bytes: Uint8Array, platform?: Platform): string {
  return platform === undefined ? encodeBase64url(sha256(bytes)) : platform.sha256Base64url(bytes);
}

function keyFor(app: string, secret: SigningSecret): SigningKey {
  let known = keys.get(secret);
  if (known === undefined) {
    known = new Map();
    keys.set(secret, known);
  }
  let key = known.get(app);
  if (key === undefined) {
    key = new SigningKey(app, secret);
    known.set(app, key);
  }
  return key;
}
