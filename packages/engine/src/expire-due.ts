import type { Core } from './core.ts';
import { endSession } from './ending.ts';

/** Ends every session whose proof no longer holds: before anything is written to it at or after that instant. */
export function expireDue(core: Core): void {
  const now = core.clock.now();
  if (now < core.expiry.next) return;
  for (const session of core.expiry.due(now)) {
    core.meter.expiryLag(now - session.expiresAt);
    endSession(core, session, 'identity.expired');
  }
}
