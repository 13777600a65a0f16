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
  for (const feature of row.features) {
    const offered = features[feature];
    if (offered === true || (offered === 'server' && request.principal.kind === 'server')) {
      trace?.yes('app', 'does the app offer this?', `features.${feature} is on`);
    } else if (offered === 'server') {
      trace?.no('app', 'does the app offer this?', `features.${feature} is for servers only`);
      return deny('app', 'operation.server-only');
    } else {
      trace?.no('app', 'does the app offer this?', `features.${feature} is off`);
      return deny('app', 'operation.not-enabled');
    }
  }
  return undefined;
}
