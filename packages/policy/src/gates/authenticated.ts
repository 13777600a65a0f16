import type { AccessSettings } from '../access.ts';
import type { Principal } from '../principal.ts';

/** Whether the channel gate counts the principal as authenticated. */
export function countsAsAuthenticated(principal: Principal, settings: AccessSettings): boolean {
  switch (principal.kind) {
    case 'user':
    case 'server':
    case 'trigger':
      return true;
    case 'stated':
    case 'anonymous':
      return settings.unboundTokens === 'authenticated' && principal.grant !== undefined;
  }
}
