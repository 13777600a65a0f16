import type { Claims } from './claims.ts';
import type { TrustedKey } from './trusted-key.ts';

/** A token that is genuine: whose keys vouched for which claims. Says nothing about whether it holds now. */
export interface VerifiedToken {
  /** Id of the credential. */
  readonly id: string;
  /** The keys it rests on. The first is the one that vouches for the claims. */
  readonly keys: readonly [TrustedKey, ...TrustedKey[]];
  readonly claims: Claims;
}

/** Longer tokens are verified every time, so that the memory stays bounded in bytes as well. */
const LONGEST = 4_096;

/** Genuine tokens by the hash of their text, the longest unused forgotten first. */
export class VerifiedTokens {
  readonly #room: number;
  readonly #byDigest = new Map<string, VerifiedToken>();

  constructor(room: number) {
    this.#room = room;
  }

  get size(): number {
    return this.#byDigest.size;
  }

  get(digest: string): VerifiedToken | undefined {
    const found = this.#byDigest.get(digest);
    if (found) {
      this.#byDigest.delete(digest);
      this.#byDigest.set(digest, found);
    }
    return found;
  }

  add(digest: string, length: number, token: VerifiedToken): void {
    if (length > LONGEST || this.#room === 0) return;
    this.#byDigest.set(digest, token);
    for (const oldest of this.#byDigest.keys()) {
      if (this.#byDigest.size <= this.#room) break;
      this.#byDigest.delete(oldest);
    }
  }

  forget(digest: string): void {
    this.#byDigest.delete(digest);
  }

  clear(): void {
    this.#byDigest.clear();
  }
}
