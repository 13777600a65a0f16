import type { Channel } from './channel.ts';
import type { Core } from './core.ts';
import { endTooSlow, send } from './delivery.ts';
import { expireDue } from './expire-due.ts';
import { LABEL } from './labels.ts';
import type { Member } from './publication.ts';
import { askForRoster, settleChannel } from './settle.ts';
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
  const wait = session.rosters.wait(channel.name, core.clock.now());
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
    askForRoster(core, sub);
  });
}

/** Encoded once per version of the roster and wire. */
function rosterBytes(channel: Channel, sub: Subscription): Uint8Array {
  const { codec } = sub.session;
  const cached = channel.rosterCache.get(codec);
  if (cached?.version === channel.rosterVersion) return cached.bytes;
  const members = membersOf(channel, sub.session.app.definition.limits.rosterMax);
  const bytes = codec.notice({ type: 'roster', channel: channel.name, members, total: channel.subs.size });
  channel.rosterCache.set(codec, { version: channel.rosterVersion, bytes });
  return bytes;
}

/** The first `most` members, in the order they joined. */
export function membersOf(channel: Channel, most: number): Member[] {
  const members: Member[] = [];
  for (const sub of channel.subs.values()) {
    if (members.length >= most) break;
    members.push(sub.session.self);
  }
  return members;
}
