import type { Core } from './core.ts';
import { loseProof } from './lapse.ts';

/** Takes everything from sessions whose proof no longer holds: before anything is written to them at or after that instant. */
export function expireDue(core: Core): void {
  const now = core.clock.now();
  if (now < core.expiry.next) return;
  for (const { session, expiresAt } of core.expiry.due(now)) {
    core.meter.expiryLag(now - expiresAt);
    loseProof(core, session, 'identity.expired');
  }
}
