import type { IdentityConfig, IdentityKeyConfig } from './key-config.ts';
import { type OutboundPolicy, unfitUrl } from './outbound/guarded-fetch.ts';
import { readKey } from './read-key.ts';
import { unfitUserId } from './user-id.ts';

export interface KeyProblem {
  /** Id of the entry. */
  readonly key: string;
  /** What is wrong, in words that hold nothing of the key. */
  readonly message: string;
}

/** Everything that is wrong with an app's keys. An app with a problem here is not to be started. */
export function checkKeys(
  { keys, grantSecrets, limits }: Pick<IdentityConfig, 'keys' | 'grantSecrets' | 'limits'>,
  outbound: OutboundPolicy,
): readonly KeyProblem[] {
  const ids = [...keys, ...grantSecrets].map(({ id }) => id);
  return keys.flatMap((config, at) => {
    const { id } = config;
    const problems = [
      ids.indexOf(id) !== at || ids.lastIndexOf(id) !== at
        ? 'has the id of another key or secret of the app'
        : undefined,
      id.includes('/') || unfitUserId(id, limits) !== undefined
        ? 'needs an id without "/" or control characters'
        : undefined,
      unfitNamespace(config, limits.userId),
      unfitContent(config, outbound),
    ];
    return problems.flatMap((message) => (message === undefined ? [] : { key: id, message }));
  });
}

function unfitNamespace(config: IdentityKeyConfig, userId: number): string | undefined {
  if (config.kind === 'jwe-private' || config.users === undefined) return undefined;
  if (config.users.includes(':')) return 'has a "users" name with a ":", which is what ends the name in a user id';
  const unfit = unfitUserId(config.users, { userId });
  return unfit === undefined ? undefined : `has a "users" name that ${unfit}`;
}

function unfitContent(config: IdentityKeyConfig, outbound: OutboundPolicy): string | undefined {
  try {
    if (config.kind !== 'jwks') {
      readKey(config);
      return undefined;
    }
    if (config.issuer === '' || config.audience.length === 0)
      return 'needs an issuer and an audience beside its "jwks"';
    const unfit = unfitUrl(new URL(config.jwks), outbound);
    return unfit === undefined ? undefined : `has a "jwks" that ${unfit}`;
  } catch (error) {
    if (config.kind === 'jwks') return 'has a "jwks" that is no URL';
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}
