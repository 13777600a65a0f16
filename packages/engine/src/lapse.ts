import type { Code } from '@portcullis/policy';
import { type Core, sentence } from './core.ts';
import { notify } from './delivery.ts';
import { endSession } from './ending.ts';
import { depart } from './membership.ts';
import type { Session } from './session.ts';

/** Denials that another proof of the same user could lift. */
const OF_THE_PROOF: ReadonlySet<Code> = new Set<Code>(['identity.expired', 'identity.revoked']);

/**
 * The session's proof no longer holds, or its user is no longer welcome. One that may wait for another proof loses its
 * channels and all that was to be sent to it, is told, and is ended when none has come in time; any other is ended.
 */
export function loseProof(core: Core, session: Session, code: Code): void {
  const { tokenGrace: grace } = session;
  if (grace <= 0 || !OF_THE_PROOF.has(code)) {
    endSession(core, session, code);
    return;
  }
  if (session.ended || session.lapsed !== null) return;
  session.lapsed = code;
  core.forgetExpiry(session);
  core.lonely.remove(session);
  for (const ticket of session.joining) ticket.dead ??= code;
  session.outbox.withdrawContent();
  const message = sentence(code);
  for (const sub of session.subs.all()) {
    if (session.subs.get(sub.channel) !== sub) continue;
    depart(core, sub);
    if (sub.listens)
      notify(core, session, { type: 'lost', channel: sub.channel, code, message, left: true, self: session.self });
  }
  if (session.ended) return;
  notify(core, session, { type: 'token-expired', code, message, grace });
  session.stopGraceTimer = core.clock.after(grace, () => endSession(core, session, code));
}
