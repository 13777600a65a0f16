import type { Clock, Log, MaybePromise } from '@portcullis/engine';
import { type AppConfig, type Problem, signingSecrets } from '../config/index.ts';
import {
  type CredentialsOutcome,
  checkKeys,
  type Identified,
  Identifier,
  type IdentityConfig,
  type OutboundLimits,
  type Proofs,
} from '../identity/index.ts';

export interface IdentitiesDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly outbound: OutboundLimits;
  /** Keys that are trusted no more: whatever rests on a credential of theirs is to be cut. */
  readonly onKeysRemoved: (app: string, keys: readonly string[]) => void;
}

/** One identifier for each app. */
export class Identities {
  readonly #deps: IdentitiesDeps;
  readonly #identifiers = new Map<string, Identifier>();

  constructor(deps: IdentitiesDeps) {
    this.#deps = deps;
  }

  /** What is wrong with the app's keys beyond their shape: a PEM that cannot be read, an address that may not be reached. */
  check(app: AppConfig): readonly Problem[] {
    return checkKeys(identityConfig(app), this.#deps.outbound).map(({ key, message }) => ({
      path: `apps.${app.id}.identity.jwt`,
      message: `key "${key}" ${message}`,
    }));
  }

  /** The app's keys from now on. They have passed `check`. */
  put(app: AppConfig): void {
    const { clock, log, outbound, onKeysRemoved } = this.#deps;
    const config = identityConfig(app);
    const known = this.#identifiers.get(app.id);
    if (known) {
      known.reconfigure(config);
      return;
    }
    const identifier = new Identifier(config, { clock, log, outbound });
    identifier.onKeysRemoved((keys) => onKeysRemoved(app.id, keys));
    this.#identifiers.set(app.id, identifier);
    // Until a key set arrives, who needs it is asked to come back.
    identifier.start().catch((error: unknown) => log.error('identity.start-failed', { app: app.id, error }));
  }

  drop(app: string): void {
    this.#identifiers.get(app)?.close();
    this.#identifiers.delete(app);
  }

  identify(app: string, proofs: Proofs): MaybePromise<Identified> {
    const identifier = this.#identifiers.get(app);
    return identifier ? identifier.identify(proofs) : UNKNOWN_APP;
  }

  /** What a revocation of the token has to name, whether it still holds or not. */
  credentialsOf(app: string, token: string): MaybePromise<CredentialsOutcome> {
    return this.#identifiers.get(app)?.credentialsOf(token) ?? UNKNOWN_APP;
  }

  close(): void {
    for (const app of [...this.#identifiers.keys()]) this.drop(app);
  }
}

const UNKNOWN_APP = { ok: false, code: 'app.unknown-key', reason: 'the app is gone' } as const;

/** How proofs become principals in this app. */
export function identityConfig(app: AppConfig): IdentityConfig {
  return {
    app: app.id,
    keys: app.identity.jwt,
    grantSecrets: signingSecrets(app),
    limits: app.limits,
  };
}
