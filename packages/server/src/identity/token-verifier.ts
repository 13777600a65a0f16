import type { MaybePromise } from '@portcullis/engine';
import { refused } from './identified.ts';
import type { IdentityLimits } from './key-config.ts';
import type { Keyring } from './keyring.ts';
import { formOf } from './token-form.ts';
import { digest } from './token-id.ts';
import { type VerifiedToken, VerifiedTokens } from './verified-tokens.ts';
import { type Verified, verifyEncryptedToken, verifySignedToken } from './verify-token.ts';

const KEY_REMOVED = refused('identity.bad-signature', 'the key that verifies it is not trusted any more');

/** Verifies JWTs and JWEs with one set of keys, and remembers which were genuine. */
export class TokenVerifier {
  readonly #keys: Keyring;
  readonly #limits: IdentityLimits;
  readonly #genuine: VerifiedTokens;

  constructor(keys: Keyring, limits: IdentityLimits) {
    this.#keys = keys;
    this.#limits = limits;
    this.#genuine = new VerifiedTokens(limits.verifiedTokens);
  }

  /** Whether a token is genuine, and its claims. Answers in the same turn for one verified before, however it ended. */
  verify(token: string): MaybePromise<Verified> {
    const form = formOf(token);
    if (form !== 'signed' && form !== 'encrypted') {
      return refused('identity.malformed', 'it is neither a JWT, a JWE nor a permission token');
    }
    const hash = digest(token);
    const known = this.#genuine.get(hash);
    if (known && this.stands(known)) return { ok: true, token: known };
    this.#genuine.forget(hash);
    return this.#verifyAnew(token, hash, form);
  }

  /** Whether the keys that vouch for a token are trusted still. */
  stands(token: VerifiedToken): boolean {
    return token.keys.every((key) => this.#keys.trusts(key));
  }

  async #verifyAnew(token: string, hash: string, form: 'signed' | 'encrypted'): Promise<Verified> {
    const context = { keys: this.#keys, limits: this.#limits };
    const verified = await (form === 'signed' ? verifySignedToken : verifyEncryptedToken)(token, context);
    if (!verified.ok) return verified;
    // A key may have gone while it was at work.
    if (!this.stands(verified.token)) return KEY_REMOVED;
    this.#genuine.add(hash, token.length, verified.token);
    return verified;
  }
}
