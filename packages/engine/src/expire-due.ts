import type { Core } from './core.ts';
import { loseProof } from './lapse.ts';

/**
 * Takes everything from sessions whose proof no longer holds: before anything is written to them at or after that
 * instant. To tell them takes its time, in which others' proofs end: so nothing is due any more when this returns.
 */
export function expireDue(core: Core): void {
  for (let now = core.clock.now(); now >= core.expiry.next; now = core.clock.now()) {
    for (const { session, expiresAt } of core.expiry.due(now)) {
      core.meter.expiryLag(now - expiresAt);
      loseProof(core, session, 'identity.expired');
    }
  }
}
