import { type Audience, everyoneUnder, type PeerStanding, type Rule, type SendTarget } from '@portcullis/policy';
import type { ClientMessage, Connect, Join, Publish, Roster, SetState, To } from '@portcullis/protocol';
import { history, mayReceive, newestFor, shownTo } from './kept.ts';
import { rosterOf, senderOf, tellPresence } from './presence.ts';
import type { Kept, Room } from './room.ts';
import type { Seat } from './seat.ts';

/** Carries out what a connected client says. */
export function carryOut(seat: Seat, message: Exclude<ClientMessage, Connect>): void {
  switch (message.type) {
    case 'join':
      join(seat, message);
      return;
    case 'leave':
      seat.leave(message.channel);
      seat.say({ type: 'left', id: message.id, channel: message.channel });
      return;
    case 'publish':
      publish(seat, message);
      return;
    case 'roster':
      roster(seat, message);
      return;
    case 'history':
      history(seat, message);
      return;
    case 'state':
      setState(seat, message);
      return;
    case 'token':
      seat.swap(message.id, message.token);
      return;
    case 'ping':
      seat.say({ type: 'pong', id: message.id });
      return;
  }
}

function join(seat: Seat, { id, channel, presence = false, history: wanted = 0, recover, state }: Join): void {
  const { world } = seat;
  const refused = world.refusal({ ...seat.about(), operation: 'join', name: channel });
  if (refused) {
    seat.say({ type: 'error', id, channel, ...refused });
    return;
  }
  const room = world.room(channel);
  const again = room.seats.has(seat);
  const sees = presence && !world.refusal({ ...seat.about(), operation: 'roster', name: channel, joined: true });
  room.seats.set(seat, { options: { presence }, seesPresence: sees, state });
  seat.rooms.set(channel, room);
  const missed = recover && room.since(recover);
  seat.say({
    type: 'joined',
    id,
    channel,
    position: room.position,
    ...(recover ? { recovery: missed ? ('complete' as const) : ('gap' as const) } : {}),
    presence: sees,
  });
  if (recover || wanted > 0) {
    const kept = recover ? (missed ?? []) : newestFor(seat, channel, wanted);
    const messages = kept.filter((one) => mayReceive(seat, channel, one)).map((one) => shownTo(seat, one));
    seat.say({ type: 'history', id, join: true, channel, messages, more: false });
  }
  if (sees) seat.say(rosterOf(room, channel));
  if (!again) tellPresence(room, channel, seat, 'join');
}

function publish(seat: Seat, { id, channel, data, to = 'everyone', key, meta }: Publish): void {
  const { world } = seat;
  const joined = seat.rooms.has(channel);
  const target = targetOf(to);
  const room = world.room(channel);
  const before = room.answered(seat.principal.kind === 'user' ? seat.principal.user : seat.session, key);
  const request = {
    ...seat.about(),
    operation: 'publish',
    name: channel,
    joined,
    target,
    ...standingOf(seat, room, target),
  } as const;
  const decision = world.decide(request);
  if (!decision.allowed) {
    const refused = world.refusal(request);
    seat.say({ type: 'error', id, channel, code: decision.code, message: decision.code, ...refused });
    return;
  }
  if (before) {
    seat.say({ type: 'published', id, ...before, repeated: true });
    return;
  }
  const audience = audienceOf(seat, decision.target ?? target, decision.rule);
  const item = { timetoken: world.timetoken(), from: senderOf(seat), data, ...(meta ? { meta } : {}) };
  const kept = room.append(
    { item, audience, sender: seat.principal.kind === 'user' ? seat.principal.user : seat.session },
    key,
  );
  seat.say({ type: 'published', id, position: room.position, timetoken: item.timetoken });
  deliver(room, channel, kept);
}

export function deliver(room: Room, channel: string, kept: Kept): void {
  for (const seat of room.seats.keys()) {
    if (mayReceive(seat, channel, kept)) {
      seat.say({ type: 'messages', channel, epoch: room.epoch, messages: [shownTo(seat, kept)] });
    }
  }
}

function roster(seat: Seat, { id, channel }: Roster): void {
  const request = { ...seat.about(), operation: 'roster', name: channel, joined: seat.rooms.has(channel) } as const;
  const refused = seat.world.refusal(request);
  if (refused) {
    seat.say({ type: 'error', id, channel, ...refused });
    return;
  }
  seat.say({ ...rosterOf(seat.world.room(channel), channel), id });
}

function setState(seat: Seat, { id, channel, state }: SetState): void {
  const joined = seat.rooms.has(channel);
  const refused = seat.world.refusal({ ...seat.about(), operation: 'state.set', name: channel, joined });
  if (refused) {
    seat.say({ type: 'error', id, channel, ...refused });
    return;
  }
  const room = seat.world.room(channel);
  const place = room.seats.get(seat);
  if (place) place.state = state ?? undefined;
  seat.say({ type: 'state', id, channel });
  tellPresence(room, channel, seat, 'state');
}

function targetOf(to: To): SendTarget {
  if (typeof to === 'string') return { to };
  return 'session' in to ? { to: 'session', session: to.session } : { to: 'user', user: to.user };
}

function standingOf(seat: Seat, room: Room, target: SendTarget): { readonly peer?: PeerStanding } {
  if (target.to !== 'session' && target.to !== 'user') return {};
  const peers = [...room.seats.keys()].filter(({ session, principal }) =>
    target.to === 'session' ? session === target.session : principal.kind === 'user' && principal.user === target.user,
  );
  const own =
    target.to === 'session'
      ? target.session === seat.session
      : seat.principal.kind === 'user' && seat.principal.user === target.user;
  const authenticated = peers.some(({ principal }) => principal.kind === 'user');
  return { peer: { joined: peers.length > 0, authenticated, self: own } };
}

function audienceOf(seat: Seat, target: SendTarget, rule: Rule | undefined): Audience {
  switch (target.to) {
    case 'everyone':
      return everyoneUnder(rule);
    case 'authenticated':
      return target;
    case 'user':
      return seat.principal.kind === 'user' ? { ...target, from: seat.principal.user } : target;
    case 'session': {
      const peer = [...seat.world.seats].find(({ session }) => session === target.session)?.principal;
      const { principal } = seat;
      const proven = principal.kind === 'user' && peer?.kind === 'user';
      return { ...target, from: seat.session, ...(proven ? { pair: [principal.user, peer.user] as const } : {}) };
    }
  }
}
