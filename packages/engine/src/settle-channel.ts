import type { Channel } from './channel.ts';
import type { Core } from './core.ts';
import type { Session } from './session.ts';
import { settleSession, settleSub } from './settle.ts';

/** Decides again whatever is marked in a channel; with a deadline, as much as fits. Returns how many. */
export function settleChannel(core: Core, channel: Channel, deadline = Number.POSITIVE_INFINITY): number {
  markEach(channel);
  const sliced = deadline !== Number.POSITIVE_INFINITY;
  let settled = 0;
  let looked = 0;
  for (const sub of channel.dirtySubs) {
    settleSub(core, sub);
    settled += 1;
    if (!sliced) continue;
    settled += settleBeside(core, sub.session);
    if (settled - looked < CLOCK_EVERY) continue;
    looked = settled;
    if (core.clock.now() >= deadline) break;
  }
  return settled;
}

/** So many decisions are made between two looks at the clock. */
const CLOCK_EVERY = 64;
/** A session in more channels than this is told of each when its turn comes. */
const BESIDE_MOST = 16;

/** What is marked of the session elsewhere as well: whatever an edit takes from it is told in one write. */
function settleBeside(core: Core, session: Session): number {
  if (session.ended || session.subs.size === 0 || session.subs.size > BESIDE_MOST) return 0;
  let settled = 0;
  for (const sub of session.subs.all()) {
    const channel = session.app.channels.get(sub.channel);
    if (!channel?.dirty) continue;
    markEach(channel);
    if (!channel.dirtySubs.has(sub)) continue;
    settleSub(core, sub);
    settled += 1;
  }
  return settled;
}

function markEach(channel: Channel): void {
  if (!channel.dirtyAll) return;
  channel.dirtyAll = false;
  for (const sub of channel.subs.values()) channel.dirtySubs.add(sub);
}

/**
 * Decides again what is marked of one session in one channel, before anything of that channel goes out to it. Answers
 * whether there was something: what is next for the session may then be another.
 */
export function settleIfMarked(core: Core, session: Session, name: string): boolean {
  if (session.dirty) {
    settleSession(core, session);
    return true;
  }
  const channel = session.app.channels.get(name);
  const sub = session.subs.get(name);
  if (!channel || !sub) return false;
  if (channel.dirtyAll) settleChannel(core, channel);
  else if (channel.dirtySubs.has(sub)) settleSub(core, sub);
  else return false;
  return true;
}
