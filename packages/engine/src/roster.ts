import type { Channel } from './channel.ts';
import type { Core } from './core.ts';
import { endTooSlow, send } from './delivery.ts';
import { LABEL } from './labels.ts';
import type { Member } from './publication.ts';
import { askForRoster, settleChannel } from './settle.ts';
import type { Subscription } from './subscription.ts';

/** One session gets so many rosters of a channel in a second (a client may ask twice while it starts); more wait. */
const ROSTERS_AT_ONCE = 2;
const ROSTER_WINDOW_MS = 1_000;

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
  if (session.ended || channel.subs.get(session.id) !== sub || (sub.labels & LABEL.presence) === 0) return;
  const now = core.clock.now();
  if (now - sub.rostersFrom >= ROSTER_WINDOW_MS) {
    sub.rostersFrom = now;
    sub.rosters = 0;
  }
  if (sub.rosters >= ROSTERS_AT_ONCE) {
    putOff(core, sub, sub.rostersFrom + ROSTER_WINDOW_MS - now);
    return;
  }
  sub.rosters += 1;
  if (!send(core, session, channel.name, rosterBytes(channel, sub), null)) endTooSlow(core, session);
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
