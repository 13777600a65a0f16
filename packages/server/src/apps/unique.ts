import type { AppConfig, Problem } from '../config/index.ts';

/** Ids, keys and connection hashes each name one app: two apps of the file and the store that share one. */
export function findClashes(apps: readonly AppConfig[]): readonly Problem[] {
  const ids = new Set<string>();
  const owners = new Map<string, string>();
  return apps.flatMap(({ id, keys, connectionHash }) => {
    const problems: Problem[] = [];
    if (ids.has(id)) problems.push({ path: `apps.${id}.id`, message: 'is the id of another app' });
    ids.add(id);
    const names = { ...keys, connectionHash };
    for (const [key, name] of Object.entries(names)) {
      if (name === undefined) continue;
      const owner = owners.get(name);
      if (owner !== undefined && owner !== id) {
        const path = key === 'connectionHash' ? key : `keys.${key}`;
        problems.push({ path: `apps.${id}.${path}`, message: `is in use already, by the app "${owner}"` });
      }
      owners.set(name, id);
    }
    return problems;
  });
}
