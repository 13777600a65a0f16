import { type AppConfig, signingSecrets } from '../config/index.ts';
import type { IdentityKeyConfig } from '../identity/index.ts';

/** An app as the management API shows it: what its clients may know, and of every secret the id alone. */
export function describeApp(config: AppConfig, origin: 'file' | 'store') {
  const { id, enabled, keys, connectionHash, access, features, limits, history, historyWiden, tokenGrace } = config;
  const secretIds = new Map(signingSecrets(config).map((signing) => [signing.secret, { id: signing.id }]));
  const { rosterMax: _, ...bounds } = limits;
  return withoutAbsent({
    id,
    origin,
    enabled,
    keys: withoutAbsent({
      publish: keys.publish,
      subscribe: keys.subscribe,
      secret: secretIds.get(keys.secret ?? ''),
      previousSecret: secretIds.get(keys.previousSecret ?? ''),
    }),
    connectionHash,
    access,
    features,
    identity: { jwt: config.identity.jwt.map(describeKey) },
    limits: Object.fromEntries(
      Object.entries(bounds).map(([name, bound]) => [name, Number.isFinite(bound) ? bound : 'off']),
    ),
    history,
    historyWiden,
    tokenGrace,
    presence: config.presence,
    replay: config.replay,
    pubnub: config.pubnub,
  });
}

/** What is shown is named here, so that a kind of key that is added later shows nothing it should not. */
function describeKey(key: IdentityKeyConfig) {
  const { id, kind, alg } = key;
  return withoutAbsent({
    id,
    kind,
    alg,
    enc: 'enc' in key ? key.enc : undefined,
    jwks: 'jwks' in key ? key.jwks : undefined,
    issuer: 'issuer' in key ? key.issuer : undefined,
    audience: 'audience' in key ? key.audience : undefined,
    users: 'users' in key ? key.users : undefined,
    kid: 'kid' in key ? key.kid : undefined,
  });
}

function withoutAbsent(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
