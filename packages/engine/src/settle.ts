import type { AccessRequest, Audience, Denied, Operation } from '@portcullis/policy';
import type { App } from './app.ts';
import type { Channel } from './channel.ts';
import type { Core } from './core.ts';
import { notify } from './delivery.ts';
import { awaitJoin } from './ending.ts';
import { LABEL, labelOf } from './labels.ts';
import { loseProof } from './lapse.ts';
import { depart } from './membership.ts';
import { firstOutstanding } from './outstanding.ts';
import type { Publication } from './publication.ts';
import { mayReceive } from './receivers.ts';
import type { Session } from './session.ts';
import type { Subscription } from './subscription.ts';

type Admission =
  | {
      readonly admitted: true;
      readonly labels: number /** Why presence is not shared with it, when it asked. */;
      readonly noPresence: Denied | null;
    }
  | { readonly admitted: false; readonly denied: Denied; readonly request: AccessRequest };

/** What a session may receive in a channel under the policy as it stands. */
export function admit(core: Core, session: Session, channel: string, wantsPresence: boolean): Admission {
  const { app, principal } = session;
  const now = core.clock.now();
  const { id } = session;
  const about = (operation: Operation, audience?: Audience): AccessRequest =>
    audience === undefined
      ? { operation, principal, now, name: channel, joined: true, session: id }
      : { operation, principal, now, name: channel, joined: true, session: id, audience };
  const request = about('receive', EVERYONE);
  const everyone = core.decide(app, request);
  if (!everyone.allowed) return { admitted: false, denied: everyone, request };
  const authenticated = core.decide(app, about('receive', AUTHENTICATED));
  const roster = wantsPresence ? core.decide(app, about('roster')) : null;
  const labels =
    LABEL.everyone | (authenticated.allowed ? LABEL.authenticated : 0) | (roster?.allowed ? LABEL.presence : 0);
  return { admitted: true, labels, noPresence: roster && !roster.allowed ? roster : null };
}

const EVERYONE = { to: 'everyone', anonymous: true } as const;
const AUTHENTICATED = { to: 'authenticated' } as const;

/** Decides a session's identity again, and with it all it is joined to. */
export function settleSession(core: Core, session: Session): number {
  if (session.ended || !session.dirty) return 0;
  session.dirty = false;
  const request: AccessRequest = {
    operation: 'connect',
    principal: session.principal,
    now: core.clock.now(),
    joined: true,
  };
  const decision = core.decide(session.app, request);
  if (!decision.allowed) {
    loseProof(core, session, decision.code);
    return 1;
  }
  const subs = session.subs.all();
  for (const sub of subs) settleSub(core, sub);
  return subs.length;
}

/** Decides one subscription again and moves it to where it now belongs, or out. */
export function settleSub(core: Core, sub: Subscription): void {
  const { session } = sub;
  const { app } = session;
  const channel = app.channels.get(sub.channel);
  channel?.dirtySubs.delete(sub);
  if (session.ended || !channel || channel.subs.get(session.id) !== sub) return;
  if (session.dirty) {
    settleSession(core, session);
    return;
  }
  if (sub.was.length > 0) sub.forgetWas(firstOutstanding(core, app, sub.channel));
  const admission = admit(core, session, sub.channel, sub.wantsPresence);
  if (!admission.admitted) {
    if (!sub.listens && staysByGroup(core, sub)) return;
    const { message } = core.refuse(app, admission.request, admission.denied);
    depart(core, sub);
    if (sub.listens) notify(core, session, lost(sub, admission.denied.code, message, true));
    awaitJoin(core, session);
    return;
  }
  if (admission.labels !== sub.labels) relabel(core, channel, sub, admission.labels, admission.noPresence);
  withdraw(core, sub);
}

/** Present through a group that it may still read, and that still has the channel. */
function staysByGroup(core: Core, { session, channel: name, groups }: Subscription): boolean {
  const { app, principal } = session;
  return groups.some((group) => {
    if (!app.groups.get(group)?.includes(name)) return false;
    const request = { operation: 'heartbeat', principal, now: core.clock.now(), name, via: { group } } as const;
    return core.decide(app, request).allowed;
  });
}

/** Takes back what was not handed to the socket and is no longer for this subscription. */
function withdraw(core: Core, sub: Subscription): void {
  const keep = (publication: Publication) => {
    const label = labelOf(publication.audience);
    const byItself = label === 0 || publication.seq < sub.since;
    return byItself ? mayReceive(core, sub, publication) : sub.admits(publication, label);
  };
  sub.session.outbox.withdraw(sub.channel, keep);
  if (!sub.waiting) return;
  sub.waiting = sub.waiting.filter(keep);
  sub.waitingBytes = sub.waiting.reduce((sum, { data }) => sum + data.length, 0);
}

function relabel(core: Core, channel: Channel, sub: Subscription, labels: number, noPresence: Denied | null): void {
  const { session } = sub;
  const gained = labels & ~sub.labels;
  const lostLabels = sub.labels & ~labels;
  const inClass = sub.slot >= 0;
  channel.leaveClass(sub);
  sub.relabel(labels, core.broker.lastSeq(session.app.id, channel.name) + 1);
  if (inClass) channel.enterClass(sub);
  if (lostLabels & LABEL.presence && noPresence) {
    const request: AccessRequest = {
      operation: 'roster',
      principal: session.principal,
      now: core.clock.now(),
      name: channel.name,
      joined: true,
    };
    const { message } = core.refuse(session.app, request, noPresence);
    notify(core, session, lost(sub, noPresence.code, message, false));
  }
  if (gained & LABEL.presence) askForRoster(core, sub);
}

/** A roster is sent at the end of the turn, so that it stands behind every update it already includes. */
export function askForRoster(core: Core, sub: Subscription): void {
  core.rostersDue.add(sub);
  core.wakeAtEndOfTurn();
}

function lost(sub: Subscription, code: Denied['code'], message: string, left: boolean) {
  return { type: 'lost', channel: sub.channel, code, message, left, self: sub.session.self } as const;
}

/** Marks a session and its subscriptions: nothing reaches it, and nothing is answered, before it is decided again. */
export function markSession(app: App, session: Session): void {
  session.dirty = true;
  for (const sub of session.subs.all()) app.channels.get(sub.channel)?.dirtySubs.add(sub);
}
