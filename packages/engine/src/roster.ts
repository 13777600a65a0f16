import type { AccessRequest } from '@portcullis/policy';
import type { Channel } from './channel.ts';
import { type Core, refusal } from './core.ts';
import { endTooSlow, notify, send } from './delivery.ts';
import { expireDue } from './expire-due.ts';
import { LABEL } from './labels.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { RosterOutcome } from './outcome.ts';
import type { Member } from './publication.ts';
import type { Session } from './session.ts';
import { askForRoster } from './settle.ts';
import { settleChannel } from './settle-channel.ts';
import type { Subscription } from './subscription.ts';

/** Sends the rosters that became due in this turn. */
export function sendDueRosters(core: Core): void {
  const due = [...core.rostersDue];
  core.rostersDue.clear();
  for (const sub of due) sendRoster(core, sub);
}

function sendRoster(core: Core, sub: Subscription): void {
  const { session } = sub;
  const channel = session.app.channels.get(sub.channel);
  if (!channel) return;
  if (channel.dirty) settleChannel(core, channel);
  expireDue(core);
  if (session.ended || channel.subs.get(session.id) !== sub || (sub.labels & LABEL.presence) === 0) return;
  // Updates wait behind the history; the roster comes behind them, and is asked for again then.
  if (sub.waiting) return;
  const wait = core.rosterPace.wait(session.id, channel.name, core.clock.now());
  if (wait > 0) {
    putOff(core, sub, wait);
    return;
  }
  const renew = (bytes: Uint8Array) => ((sub.labels & LABEL.presence) === 0 ? null : bytes);
  if (!send(core, session, channel.name, rosterBytes(channel, sub), renew)) endTooSlow(core, session);
}

function putOff(core: Core, sub: Subscription, ms: number): void {
  if (sub.rosterPutOff) return;
  sub.rosterPutOff = true;
  core.clock.after(ms, () => {
    sub.rosterPutOff = false;
    sub.tidy();
    askForRoster(core, sub);
  });
}

/** Sends the roster to a session that asks for it; when it was sent just now, as soon as it may be again. */
export function roster(core: Core, session: Session, name: string, ref?: number): MaybePromise<RosterOutcome> {
  const channel = session.app.channels.get(name);
  if (channel?.dirty) settleChannel(core, channel);
  expireDue(core);
  if (session.ended) return refusal('session.closed');
  if (session.lapsed !== null) return refusal(session.lapsed);
  const sub = session.subs.get(name);
  const request = rosterRequest(core, session, name);
  const decision = core.decide(session.app, request);
  if (!decision.allowed) return core.refuse(session.app, request, decision);
  if (!channel || !sub?.listens) return refusal('channel.not-joined');
  const wait = core.rosterPace.wait(session.id, name, core.clock.now());
  if (wait > 0) {
    return new Promise((resolve) => core.clock.after(wait, () => resolve(roster(core, session, name, ref))));
  }
  const members = membersOf(channel, session.app.definition.limits.rosterMax);
  const notice = { type: 'roster', channel: name, members, total: channel.subs.size } as const;
  notify(core, session, ref === undefined ? notice : { ...notice, ref }, (bytes) =>
    core.decide(session.app, rosterRequest(core, session, name)).allowed ? bytes : null,
  );
  return { ok: true };
}

function rosterRequest(core: Core, session: Session, name: string): AccessRequest {
  const { principal, id } = session;
  return {
    operation: 'roster',
    principal,
    now: core.clock.now(),
    name,
    joined: session.subs.has(name),
    session: id,
  };
}

/** Encoded once per version of the roster and wire. */
function rosterBytes(channel: Channel, sub: Subscription): Uint8Array {
  const { codec } = sub.session;
  const cached = channel.rosterCache?.get(codec);
  if (cached?.version === channel.rosterVersion) return cached.bytes;
  const members = membersOf(channel, sub.session.app.definition.limits.rosterMax);
  const bytes = codec.notice({ type: 'roster', channel: channel.name, members, total: channel.subs.size });
  channel.rosterCache ??= new Map();
  channel.rosterCache.set(codec, { version: channel.rosterVersion, bytes });
  return bytes;
}

/** The first `most` members, in the order they joined. */
export function membersOf(channel: Channel, most: number): Member[] {
  const members: Member[] = [];
  for (const { session, state } of channel.subs.values()) {
    if (members.length >= most) break;
    members.push(state ? { ...session.self, state } : session.self);
  }
  return members;
}
