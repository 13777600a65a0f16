import { type Clock, isPromise, type Log, type MaybePromise } from '@portcullis/engine';
import { type Credential, credentialOf, type VerifyOutcome, verifyGrant } from '@portcullis/policy';
import { nodePlatform } from '../node-ports/platform.ts';
import { checkKeys } from './check-keys.ts';
import { type Identified, type NotIdentified, type Proofs, refused } from './identified.ts';
import { JWKS_TIMING, type JwksTiming } from './jwks/jwks-source.ts';
import type { IdentityConfig } from './key-config.ts';
import { Keyring } from './keyring.ts';
import type { FetchDocument } from './outbound/fetch-document.ts';
import { createGuardedFetch, type OutboundPolicy } from './outbound/guarded-fetch.ts';
import { byClaims, byGrant, credentialOfToken, withoutToken } from './principal.ts';
import { formOf } from './token-form.ts';
import { TokenVerifier } from './token-verifier.ts';
import { unfitUserId } from './user-id.ts';
import { CLOCK_TOLERANCE, validityAt } from './validity.ts';
import type { Verified } from './verify-token.ts';

/** `server.outbound`: what fetches of key sets may reach, and how much of it. Times in ms, sizes in bytes. */
export interface OutboundLimits extends OutboundPolicy, Pick<JwksTiming, 'timeout' | 'refetchAfter'> {
  readonly maxBytes: number;
  /** Otherwise as in `JWKS_TIMING`. */
  readonly refresh?: number;
  readonly keepFor?: number;
}

export interface IdentifierDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly outbound: OutboundLimits;
  /** Gets key sets; by default a fetch that is held to `outbound`. */
  readonly fetch?: FetchDocument;
}

export type CredentialsOutcome = { readonly ok: true; readonly credentials: readonly Credential[] } | NotIdentified;

/**
 * Turns the proofs of one app's requests into principals. It says who asks, not that they are welcome: revocations and
 * bans are looked at by `decide()`, on every request.
 */
export class Identifier {
  readonly #deps: IdentifierDeps;
  readonly #listeners = new Set<(keys: readonly string[]) => void>();
  #config: IdentityConfig;
  #keys: Keyring;
  #tokens: TokenVerifier;

  /** Throws a `TypeError` that names the key if `checkKeys` finds a problem. */
  constructor(config: IdentityConfig, deps: IdentifierDeps) {
    this.#deps = deps;
    this.#config = config;
    this.#keys = this.#readKeys(config);
    this.#tokens = new TokenVerifier(this.#keys, config.limits);
  }

  /** Fetches the key sets and keeps them up to date. Resolves when the first attempts are over, well or not. */
  start(): Promise<void> {
    return this.#keys.start();
  }

  close(): void {
    this.#keys.close();
    this.#listeners.clear();
  }

  /**
   * Who the proofs prove, at `now` (ms since 1970). Never throws or rejects for what a stranger sent. Answers in the
   * same turn without a token, for permission tokens, and for tokens verified before.
   */
  identify(proofs: Proofs, now: number = this.#deps.clock.now()): MaybePromise<Identified> {
    const { token, statedUser, repeated = [], unpadded = false } = proofs;
    if (repeated.length > 0) return refused('request.malformed', 'a field that says who asks came more than once');
    const unfit = statedUser === undefined ? undefined : unfitUserId(statedUser, this.#config.limits);
    if (unfit !== undefined) return refused('identity.malformed', `a user id ${unfit}`);
    if (token === undefined) return withoutToken(statedUser);
    if (this.#isTooLong(token)) return this.#tooLong();
    if (formOf(token) === 'grant') {
      const outcome = this.#verifyGrant(token, { now, unpadded });
      return outcome.ok ? byGrant(outcome.grant, proofs) : outcome;
    }
    const verified = this.#tokens.verify(token);
    if (!isPromise(verified)) return this.#conclude(verified, proofs, now);
    // Time went by while the signature was verified or a key set fetched.
    return verified.then((outcome) => this.#conclude(outcome, proofs, Math.max(now, this.#deps.clock.now())));
  }

  /**
   * The credential that a genuine token is borne with, whether it holds now or not: what a revocation is to name. Its
   * `expiresAt` is the end of the tolerance, until which the revocation has to stand.
   */
  credentialsOf(token: string): MaybePromise<CredentialsOutcome> {
    if (this.#isTooLong(token)) return this.#tooLong();
    if (formOf(token) === 'grant') {
      const outcome = this.#verifyGrant(token);
      return outcome.ok ? { ok: true, credentials: [credentialOf(outcome.grant)] } : outcome;
    }
    const verified = this.#tokens.verify(token);
    return isPromise(verified) ? verified.then(credentialsIn) : credentialsIn(verified);
  }

  /** Whether credentials of this key may stand. */
  keyStillTrusted(key: string): boolean {
    return this.#keys.has(key) || this.#config.grantSecrets.some(({ id }) => id === key);
  }

  /**
   * Calls `listener` with the ids of keys that are trusted no more, or stand for another key from now on: whatever rests
   * on a credential of theirs is to be cut. Returns a function that ends it.
   */
  onKeysRemoved(listener: (keys: readonly string[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Applies a new configuration of the same app. Throws as the constructor does, and has then changed nothing. */
  reconfigure(config: IdentityConfig): void {
    const { grantSecrets } = this.#config;
    const before = this.#keys;
    this.#keys = this.#readKeys(config, before);
    // What was read under other names and limits is read again.
    this.#tokens = new TokenVerifier(this.#keys, config.limits);
    this.#config = config;
    const gone = grantSecrets.filter(
      (old) => !config.grantSecrets.some(({ id, secret }) => id === old.id && secret === old.secret),
    );
    this.#removed([...before.handOver(this.#keys), ...gone.map(({ id }) => id)]);
    this.#keys.start().catch((error: unknown) => {
      this.#deps.log.error('identity.refresh-failed', { app: config.app, error });
    });
  }

  #readKeys(config: IdentityConfig, previous?: Keyring): Keyring {
    const { outbound, clock, log, fetch = createGuardedFetch(outbound) } = this.#deps;
    const [problem] = checkKeys(config, outbound);
    if (problem) throw new TypeError(`identity key "${problem.key}" of app "${config.app}" ${problem.message}`);
    const deps = { clock, log, fetch, maxBytes: outbound.maxBytes, timing: { ...JWKS_TIMING, ...outbound } };
    return new Keyring(config, deps, { previous, onRemoved: (keys) => this.#removed(keys) });
  }

  #removed(keys: readonly string[]): void {
    if (keys.length === 0) return;
    this.#deps.log.info('identity.keys-removed', { app: this.#config.app, keys });
    for (const listener of this.#listeners) listener(keys);
  }

  #conclude(verified: Verified, proofs: Proofs, now: number): Identified {
    if (!verified.ok) return verified;
    const { token } = verified;
    // The configuration may have been replaced while the token was being verified.
    if (!this.#tokens.stands(token))
      return refused('identity.bad-signature', 'the key that verifies it is trusted no more');
    const validity = validityAt(token.claims, now);
    if (!validity.ok) return validity;
    if (token.claims.grant === undefined) return byClaims(token, proofs, { expiresAt: validity.expiresAt });
    const carried = this.#verifyGrant(token.claims.grant, { now });
    return carried.ok ? byClaims(token, proofs, { expiresAt: validity.expiresAt, grant: carried.grant }) : carried;
  }

  /** Without `now`, expiry is not looked at. */
  #verifyGrant(text: string, how: { readonly now?: number; readonly unpadded?: boolean } = {}): VerifyOutcome {
    const { app, grantSecrets } = this.#config;
    return verifyGrant(text, { app, secrets: grantSecrets, platform: nodePlatform, ...how });
  }

  /** Its characters are all ASCII, or it is refused for its form. */
  #isTooLong(token: string): boolean {
    return token.length > this.#config.limits.token;
  }

  #tooLong(): NotIdentified {
    return refused('identity.malformed', `it is longer than limits.token (${this.#config.limits.token} bytes)`);
  }
}

function credentialsIn(verified: Verified): CredentialsOutcome {
  if (!verified.ok) return verified;
  const { token } = verified;
  return { ok: true, credentials: [credentialOfToken(token, token.claims.expiresAt + CLOCK_TOLERANCE)] };
}
