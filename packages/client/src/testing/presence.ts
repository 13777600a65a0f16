import type { JsonObject, Member, Sender, ServerMessage } from '@portcullis/protocol';
import type { Room } from './room.ts';
import type { Seat } from './seat.ts';

/** Who spoke, as receivers see it. */
export function senderOf({ principal, session }: Seat): Sender {
  if (principal.kind === 'user') return { session, user: principal.user, extras: principal.extras };
  return principal.kind === 'stated' ? { session, claimed: principal.user } : { session };
}

export function memberOf({ principal, session }: Seat, state?: JsonObject): Member {
  const known =
    principal.kind === 'user'
      ? { user: principal.user, proven: true, extras: principal.extras }
      : principal.kind === 'stated'
        ? { user: principal.user, proven: false }
        : {};
  return { session, ...known, ...(state === undefined ? {} : { state }) };
}

export function rosterOf(room: Room, channel: string): ServerMessage & { type: 'roster' } {
  const members = [...room.seats].map(([seat, { state }]) => memberOf(seat, state));
  return { type: 'roster', channel, members, total: members.length };
}

export function tellPresence(
  room: Room,
  channel: string,
  of: Seat,
  action: 'join' | 'leave' | 'timeout' | 'state',
): void {
  const member = memberOf(of, room.seats.get(of)?.state);
  const users = new Set(
    [...room.seats.keys()].map(({ principal, session }) =>
      'user' in principal ? `u${principal.user}` : `s${session}`,
    ),
  );
  for (const [seat, { seesPresence }] of room.seats) {
    if (seesPresence && !(seat === of && action === 'join'))
      seat.say({ type: 'presence', channel, action, member, occupancy: users.size });
  }
}
