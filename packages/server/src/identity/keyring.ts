import { isDeepStrictEqual } from 'node:util';
import type { Clock, Log, MaybePromise } from '@portcullis/engine';
import { JwksSource, type JwksTiming } from './jwks/jwks-source.ts';
import type { IdentityConfig } from './key-config.ts';
import type { FetchDocument } from './outbound/fetch-document.ts';
import { readKey } from './read-key.ts';
import { answersTo, type SigningKey, type TrustedKey, type UnwrappingKey } from './trusted-key.ts';

export interface KeyringDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch: FetchDocument;
  readonly timing: JwksTiming;
  /** Bytes of a key set. */
  readonly maxBytes: number;
}

interface FixedKey {
  readonly config: IdentityConfig['keys'][number];
  readonly key: TrustedKey;
}

/** The keys that one app trusts: those of its configuration, and those of its key sets as they come and go. */
export class Keyring {
  readonly #fixed: readonly FixedKey[];
  readonly #sets: readonly JwksSource[];
  /** The `users` names in use. */
  readonly namespaces: ReadonlySet<string>;

  /**
   * `onRemoved` hears the ids of keys that left a key set. What `previous` has under the same configuration is taken
   * over as it is, fetched keys included. Throws a `TypeError` if a key cannot be read.
   */
  constructor(
    { app, keys: configs }: Pick<IdentityConfig, 'app' | 'keys'>,
    deps: KeyringDeps,
    { previous, onRemoved }: { previous: Keyring | undefined; onRemoved: (keys: readonly string[]) => void },
  ) {
    const old = previous ? { fixed: previous.#fixed, sets: previous.#sets } : { fixed: [], sets: [] };
    const fixed: FixedKey[] = [];
    const sets: JwksSource[] = [];
    for (const config of configs) {
      if (config.kind === 'jwks') {
        const kept = old.sets.find((set) => isDeepStrictEqual(set.entry, config));
        sets.push(kept ?? new JwksSource(app, config, deps, onRemoved));
      } else {
        const kept = old.fixed.find((entry) => isDeepStrictEqual(entry.config, config));
        fixed.push(kept ?? { config, key: readKey(config) });
      }
    }
    this.#fixed = fixed;
    this.#sets = sets;
    this.namespaces = new Set(configs.flatMap((config) => ('users' in config && config.users ? [config.users] : [])));
  }

  async start(): Promise<void> {
    await Promise.all(this.#sets.map((set) => set.start()));
  }

  close(): void {
    for (const set of this.#sets) set.close();
  }

  /** Whether a key of this id is in the configuration, or in the last key set that could be had. */
  has(id: string): boolean {
    return this.#ids().includes(id);
  }

  /** Hands over to the ring that was made with this one as `previous`. Answers with the ids of the keys that went. */
  handOver(next: Keyring): readonly string[] {
    const dropped = this.#sets.filter((set) => !next.#sets.includes(set));
    for (const set of dropped) set.close();
    const changed = this.#fixed.filter((entry) => !next.#fixed.includes(entry));
    return [...changed.map(({ key }) => key.id), ...dropped.flatMap((set) => set.ids)];
  }

  #ids(): readonly string[] {
    return [...this.#fixed.map(({ key }) => key.id), ...this.#sets.flatMap((set) => set.ids)];
  }

  /** Whether what this key verified may still be relied on. */
  trusts(key: TrustedKey): boolean {
    if (this.#fixed.some((entry) => entry.key === key)) return true;
    return key.type === 'signing' && this.#sets.some((set) => set.holds(key));
  }

  unwrapping(alg: unknown, enc: unknown, kid: string | undefined): readonly UnwrappingKey[] {
    return this.#fixed.flatMap(({ key }) =>
      key.type === 'unwrapping' && key.alg === alg && key.enc === enc && answersTo(key, kid) ? key : [],
    );
  }

  /** The keys at hand for an algorithm and key id. */
  signing(alg: unknown, kid: string | undefined): readonly SigningKey[] {
    const fixed = this.#fixed.flatMap(({ key }) =>
      key.type === 'signing' && key.alg === alg && answersTo(key, kid) ? key : [],
    );
    return [...fixed, ...this.#setsFor(alg).flatMap((set) => set.known(kid))];
  }

  /** The keys that a look at the key sets adds to `signing`; `unavailable` when one of them cannot be had. */
  async fetched(alg: unknown, kid: string | undefined): Promise<{ keys: readonly SigningKey[]; unavailable: boolean }> {
    const lacking = this.#setsFor(alg).filter((set) => set.known(kid).length === 0);
    const found: readonly MaybePromise<readonly SigningKey[] | 'unavailable'>[] = lacking.map((set) => set.find(kid));
    const settled = await Promise.all(found);
    return {
      keys: settled.flatMap((keys) => (keys === 'unavailable' ? [] : keys)),
      unavailable: settled.includes('unavailable'),
    };
  }

  #setsFor(alg: unknown): readonly JwksSource[] {
    return this.#sets.filter((set) => set.entry.alg === alg);
  }
}
