import type { SettingsInput } from '../resolve.ts';
import type { Path } from '../source.ts';
import { error, type Finding } from './check.ts';

/** App ids, keys and hashes are unique over all apps: each names one app. */
export function checkUniqueness(apps: readonly SettingsInput[], at: (index: number) => Path): Finding[] {
  const ids = new Map<string, string>();
  const keys = new Map<string, string>();
  return apps.flatMap((app, index) => {
    const path = at(index);
    const { publish, subscribe, secret, previousSecret } = app.keys;
    return [
      ...claim(ids, app.id, 'another app', [...path, 'id'], 'is the id of another app'),
      ...claim(keys, publish, app.id, [...path, 'keys', 'publish']),
      ...claim(keys, subscribe, app.id, [...path, 'keys', 'subscribe']),
      ...claim(keys, secret, app.id, [...path, 'keys', 'secret']),
      ...claim(keys, previousSecret, app.id, [...path, 'keys', 'previousSecret']),
      ...claim(keys, app.connectionHash, app.id, [...path, 'connectionHash']),
    ];
  });
}

function claim(
  taken: Map<string, string>,
  name: string | undefined,
  owner: string,
  path: Path,
  message?: string,
): Finding[] {
  if (name === undefined) return [];
  const other = taken.get(name);
  if (other !== undefined) return [error(path, message ?? `is in use already, by the app "${other}"`)];
  taken.set(name, owner);
  return [];
}
