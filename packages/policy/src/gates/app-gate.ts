import type { Denied } from '../decision.ts';
import { deny } from './deny.ts';
import type { Question } from './question.ts';

/** Is the app on, and does it offer this at all? */
export function appGate({ request, row, policy, trace }: Question): Denied | undefined {
  const { enabled, features } = policy.settings;
  if (!enabled) {
    trace?.no('app', 'is the app enabled?', `app ${policy.app} is disabled`);
    return deny('app', 'app.disabled');
  }
  trace?.yes('app', 'is the app enabled?', `app ${policy.app}`);
  if (row.feature === null) return undefined;
  const offered = features[row.feature];
  if (offered === true || (offered === 'server' && request.principal.kind === 'server')) {
    trace?.yes('app', 'does the app offer this?', `features.${row.feature} is on`);
    return undefined;
  }
  if (offered === 'server') {
    trace?.no('app', 'does the app offer this?', `features.${row.feature} is for servers only`);
    return deny('app', 'operation.server-only');
  }
  trace?.no('app', 'does the app offer this?', `features.${row.feature} is off`);
  return deny('app', 'operation.not-enabled');
}
