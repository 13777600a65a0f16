import { isExample } from '../example-secrets.ts';
import { isLoopback } from '../loopback.ts';
import type { SettingsInput } from '../resolve.ts';
import type { RootInput } from '../schema/root.ts';
import type { Path } from '../source.ts';
import type { Finding, Surroundings } from './check.ts';

const SHORTEST = 32;

/** Short and well-known secrets: a warning while only this machine can connect, an error otherwise. */
export function checkServerSecrets({ adminToken }: RootInput['server'], around: Surroundings): Finding[] {
  return adminToken === undefined ? [] : weakness(['server', 'adminToken'], adminToken, around);
}

export function checkAppSecrets(app: SettingsInput, at: Path, server: Surroundings): Finding[] {
  const { secret, previousSecret } = app.keys;
  return [
    ...(secret === undefined ? [] : weakness([...at, 'keys', 'secret'], secret, server)),
    ...(previousSecret === undefined ? [] : weakness([...at, 'keys', 'previousSecret'], previousSecret, server)),
    ...(app.connectionHash !== undefined && isExample(app.connectionHash)
      ? [judge([...at, 'connectionHash'], 'is from our examples', server)]
      : []),
    ...app.identity.jwt.flatMap(({ secret: shared }, index) =>
      shared !== undefined && isExample(shared)
        ? [judge([...at, 'identity', 'jwt', index, 'secret'], 'is from our examples', server)]
        : [],
    ),
  ];
}

function weakness(path: Path, secret: string, server: Surroundings): Finding[] {
  if (isExample(secret)) return [judge(path, 'is from our examples', server)];
  if (secret.length < SHORTEST) return [judge(path, `has fewer than ${SHORTEST} characters`, server)];
  return [];
}

function judge(path: Path, what: string, { host }: Surroundings): Finding {
  if (isLoopback(host)) return { path, level: 'warning', message: `${what}; use it on this machine only` };
  return { path, level: 'error', message: `${what}, which is refused beyond loopback (server.host is ${host})` };
}
