import { sendMissed } from './catch-up.ts';
import { type Core, refusal } from './core.ts';
import { notify } from './delivery.ts';
import { sendJoinHistory } from './history.ts';
import { LABEL } from './labels.ts';
import { enter } from './membership.ts';
import type { JoinOutcome } from './outcome.ts';
import type { Recovered } from './recovery.ts';
import type { Session } from './session.ts';
import type { JoinOptions } from './session-api.ts';
import { admit, askForRoster, settleSub } from './settle.ts';
import type { Subscription } from './subscription.ts';

/** Enters, or takes on what another join asks for; answered in this same turn. */
export function takePlace(
  core: Core,
  session: Session,
  name: string,
  options: JoinOptions,
  recovered?: Recovered,
): JoinOutcome {
  const known = session.subs.get(name);
  if (known?.listens) return rejoin(core, known, options);
  const admission = admit(core, session, name, options.presence);
  if (!admission.admitted) return core.refuse(session.app, admission.request, admission.denied);
  const all = recovered === undefined || recovered === 'gap' ? null : recovered;
  const sub = enter(core, session, name, {
    labels: admission.labels,
    wantsPresence: options.presence,
    waits: all !== null || wantsHistory(options),
    recovers: all !== null,
    state: mayState(core, session, name, options) ? options.state : undefined,
  });
  if (session.ended) return refusal('session.closed');
  acknowledge(core, sub, options, recovered === undefined ? undefined : all ? 'complete' : 'gap');
  if (sub.labels & LABEL.presence) askForRoster(core, sub);
  if (all) {
    sub.missed = { items: all, ...refOf(options) };
    sendMissed(core, sub);
  } else if (wantsHistory(options)) sendJoinHistory(core, sub, options);
  return { ok: true };
}

/** A second join tells no one else, and sends the snapshots again: the first may have come before anyone listened. */
function rejoin(core: Core, sub: Subscription, options: JoinOptions): JoinOutcome {
  const { session } = sub;
  sub.wantsPresence = options.presence;
  settleSub(core, sub);
  if (session.subs.get(sub.channel) !== sub) return refusal('channel.not-available');
  const recovery = options.recover && stillFrom(sub, options.recover);
  acknowledge(core, sub, options, recovery);
  if (sub.labels & LABEL.presence) askForRoster(core, sub);
  if (recovery === 'complete') {
    // What it missed is on its way already. Taken back with the rest, should it have to leave.
    const nothing = { type: 'history', channel: sub.channel, items: [], join: true, more: false } as const;
    notify(core, session, { ...nothing, ...refOf(options) }, (bytes) => bytes);
  } else if (wantsHistory(options) && !sub.waiting) sendJoinHistory(core, sub, options);
  return { ok: true };
}

/** One that is in the channel has been sent, or is being sent, whatever came since it entered. */
function stillFrom({ entered }: Subscription, { epoch, offset }: NonNullable<JoinOptions['recover']>) {
  return entered?.epoch === epoch && entered.offset <= offset ? 'complete' : 'gap';
}

function acknowledge(core: Core, sub: Subscription, options: JoinOptions, recovery?: 'complete' | 'gap'): void {
  const { session, channel } = sub;
  const { position } = core.broker.feed(session.app.id, channel);
  sub.entered ??= position;
  const { self } = session;
  const { ref } = options;
  const type = 'joined';
  const shown = session.app.window || core.logs.isOpen(session.app, channel) ? position : null;
  const presence = (sub.labels & LABEL.presence) !== 0;
  if (recovery !== undefined)
    notify(core, session, { type, channel, self, position: shown, presence, recovery, ...refOf(options) });
  else if (ref === undefined) notify(core, session, { type, channel, self, position: shown, presence });
  else notify(core, session, { type, channel, self, position: shown, presence, ref });
}

const wantsHistory = ({ history }: JoinOptions): boolean => history !== false && history !== 0;

const refOf = ({ ref }: JoinOptions): { readonly ref?: number } => (ref === undefined ? {} : { ref });

/** A state where none may be shared is left out, as presence is. */
function mayState(
  core: Core,
  { app, principal }: Session,
  name: string,
  options: JoinOptions,
): options is JoinOptions & { readonly state: NonNullable<JoinOptions['state']> } {
  if (!options.state) return false;
  return core.decide(app, { operation: 'state.set', principal, now: core.clock.now(), name }).allowed;
}
