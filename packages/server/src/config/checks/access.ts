import { resolveGates } from '../gates.ts';
import type { SettingsInput } from '../resolve.ts';
import type { Path } from '../source.ts';
import { error, type Finding, warning } from './check.ts';

/** The gates: never both off by accident, never chosen for the operator where two are meant. */
export function checkAccess(app: SettingsInput, at: Path): Finding[] {
  const path = [...at, 'access'];
  if (app.access === 'open') {
    return [warning(path, 'is open: whoever can connect may read and write every channel')];
  }
  if (app.access.rules === false && app.access.grants === false) {
    return [error(path, 'has both gates off; write `access: open` if that is meant')];
  }
  const gates = resolveGates(app.access, app);
  if (gates === undefined) {
    return [
      error(
        path,
        'must say `rules` and `grants`, each on or off, because the app has both a secret key and a connection hash',
      ),
    ];
  }
  return gates.grants && app.keys.secret === undefined
    ? [error([...path, 'grants'], 'is on, which needs keys.secret: grants are signed with it')]
    : [];
}
