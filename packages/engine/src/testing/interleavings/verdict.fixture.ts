import type { Publication, Timetoken } from '../../publication.ts';
import { admits, type Era, instantOf } from './account.fixture.ts';
import { ANONYMOUS_CLIENTS, ROOMS, type Room } from './acts.fixture.ts';
import type { Written } from './line.fixture.ts';
import type { AppRecord, Connection, Published, Run, Stay } from './run.fixture.ts';

/** Throws when one of the promises was broken to somebody. Knows what was asked and what was written, and no engine. */
export function judge(run: Run): void {
  for (const app of run.apps.values()) {
    assertAcksPartTime(app);
    for (const connection of app.connections) {
      for (const written of connection.line.written) assertAdmitted(app, connection, written);
      assertOrder(connection);
      if (connection.kicked && !connection.session.ended) broken('who is kicked is gone', connection.client);
      for (const room of ROOMS) {
        assertWords(connection, room);
        assertComplete(app, connection, room);
        assertJoinHistory(app, connection, room);
        assertRoster(app, connection, room);
      }
    }
  }
}

function broken(promise: string, about: unknown): never {
  const text = JSON.stringify(about, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
  throw new Error(`${promise}: ${text}`);
}

function publicationsOf({ line }: Connection): Publication[] {
  return line.written.flatMap(({ item }) => (item.type === 'publication' ? [item.publication] : []));
}

/** What was published before a change was acknowledged has a timetoken up to its own, and what came under it a greater. */
function assertAcksPartTime({ acks, connections }: AppRecord): void {
  for (const publication of connections.flatMap(publicationsOf)) {
    for (const { epoch, timetoken } of acks) {
      if (publication.stamp >= epoch !== publication.timetoken > timetoken) {
        broken('acknowledgements part what was before from what came after', { publication, epoch, timetoken });
      }
    }
  }
}

/** Admitted when it got its place, and when it was handed over; nothing at or after an expiry, nothing after the end. */
function assertAdmitted({ id, eras }: AppRecord, connection: Connection, { item, at, epoch }: Written): void {
  const now = eras.of(epoch);
  const here = (room: Room) => admits(now, connection, room, at);
  switch (item.type) {
    case 'publication': {
      const { publication } = item;
      const room = publication.channel as Room;
      const then = eras.of(publication.stamp);
      const forThem = publication.audience.to !== 'session' || publication.audience.session === connection.session.id;
      const presence = publication.kind !== 'presence' || (then.presence && now.presence);
      const admitted = here(room) && admits(then, connection, room, instantOf(publication.timetoken));
      const stayed = stayAt(connection, room, publication.timetoken);
      if (publication.app !== id || !forThem || !presence || !admitted || !stayed) {
        broken('nobody is handed what they were denied', { publication, then, now, at, client: connection.client });
      }
      return;
    }
    case 'history': {
      const room = item.channel as Room;
      const shown = item.items.every(
        (kept) => kept.app === id && kept.channel === room && showable(eras.of(kept.stamp), connection),
      );
      const sorted = item.items.every((kept, n) => n === 0 || kept.timetoken > (item.items[n - 1]?.timetoken ?? 0n));
      if (!here(room) || item.items.length > now.history || !shown || !sorted) {
        broken('nobody is handed history they were denied', { item, now, at, client: connection.client });
      }
      return;
    }
    case 'roster':
      if (!here(item.channel as Room) || !now.presence)
        broken('nobody is handed a roster they were denied', { item, now });
      return;
    case 'joined':
    case 'left':
    case 'lost':
    case 'refused':
    case 'token-expired':
    case 'end':
      return;
  }
}

/** History keeps who an item was for: where the anonymous could not be, theirs it never becomes. */
function showable(then: Era, { client }: Connection): boolean {
  return client >= ANONYMOUS_CLIENTS || then.anonymous;
}

function stayAt({ stays }: Connection, room: Room, timetoken: Timetoken): Stay | undefined {
  return stays.get(room)?.find(({ after, gone }) => after < timetoken && (gone === null || timetoken < gone));
}

/** In each room every publication once, in order; nothing after the end. */
function assertOrder(connection: Connection): void {
  const newest = new Map<string, Timetoken>();
  for (const { channel, timetoken } of publicationsOf(connection)) {
    if (timetoken <= (newest.get(channel) ?? 0n)) broken('nothing comes twice or out of order', { channel, timetoken });
    newest.set(channel, timetoken);
  }
  const { written } = connection.line;
  const end = written.findIndex(({ item }) => item.type === 'end');
  if (end >= 0 && end < written.length - 1) broken('nothing follows the end', written.slice(end));
}

/** What was said about one room, as its client saw it: joined first, and who is out again was told. */
function assertWords(connection: Connection, room: Room): void {
  let inside = false;
  for (const { item } of connection.line.written) {
    if (item.type === 'end' || (item.type === 'publication' ? item.publication.channel : item.channel) !== room)
      continue;
    if (item.type === 'joined') inside = true;
    else if (item.type === 'left' || (item.type === 'lost' && item.left)) {
      if (!inside) broken('nobody is told twice that they are out', { room, item });
      inside = false;
    } else if (item.type !== 'refused' && !inside) {
      broken('nothing of a room reaches those outside', { room, item });
    }
  }
  if (!connection.session.ended && inside !== (openStay(connection, room) !== undefined)) {
    broken('everybody knows whether they are in', { room, inside, client: connection.client });
  }
}

function openStay({ stays }: Connection, room: Room): Stay | undefined {
  const last = stays.get(room)?.at(-1);
  return last?.gone === null ? last : undefined;
}

/** Who stays to the end misses nothing that was answered. */
function assertComplete({ published }: AppRecord, connection: Connection, room: Room): void {
  const stay = openStay(connection, room);
  if (!stay) return;
  const got = new Set(publicationsOf(connection).map(({ timetoken }) => timetoken));
  for (const message of published) {
    const meant = message.room === room && (message.to === null || message.to === connection.session.id);
    if (meant && message.timetoken > stay.sure && !got.has(message.timetoken)) {
      broken('who stays misses nothing', { message, stay, client: connection.client });
    }
  }
}

/** The page that comes with a join ends where the live messages begin: no gap, nothing in both. */
function assertJoinHistory(app: AppRecord, connection: Connection, room: Room): void {
  let stay = 0;
  let joins = 0;
  let live: Publication[] = [];
  for (const { item } of connection.line.written) {
    if (item.type === 'end') return;
    if (item.type === 'publication') {
      if (item.publication.channel === room && item.publication.kind === 'message') live.push(item.publication);
    } else if (item.channel !== room) continue;
    else if (item.type === 'joined') joins += 1;
    else if (item.type === 'left' || (item.type === 'lost' && item.left)) {
      joins = 0;
      live = [];
      stay += 1;
    } else if (item.type === 'history' && joins === 1) {
      if (live.length > 0) broken('nothing live comes before the history of a join', { item, live });
      const joined = connection.stays.get(room)?.[stay];
      if (joined && connection.stays.get(room)?.length === stay + 1)
        assertPage(app, connection, joined, item.items, room);
    }
  }
}

function assertPage(
  app: AppRecord,
  connection: Connection,
  stay: Stay,
  page: readonly Publication[],
  room: Room,
): void {
  const shown = new Set(page.map(({ timetoken }) => timetoken));
  const oldest = page[0]?.timetoken ?? 0n;
  for (const message of app.published) {
    const then = eraAt(app, message);
    const due = message.room === room && message.to === null && then.history > 0 && showable(then, connection);
    if (due && message.timetoken > oldest && message.timetoken < stay.after && !shown.has(message.timetoken)) {
      broken('history has no gap', { message, page });
    }
  }
  for (const publication of publicationsOf(connection)) {
    if (shown.has(publication.timetoken) && publication.timetoken > stay.after) {
      broken('nothing is both live and in the history of a join', { publication });
    }
  }
}

/** By the acknowledgements, which part time. */
function eraAt({ acks, eras }: AppRecord, { timetoken }: Published): Era {
  let epoch = eras.first.epoch;
  for (const ack of acks) if (timetoken > ack.timetoken && ack.epoch > epoch) epoch = ack.epoch;
  return eras.of(epoch);
}

/** The roster and the updates since come to who is there. */
function assertRoster(app: AppRecord, connection: Connection, room: Room): void {
  const stay = openStay(connection, room);
  if (!stay || !app.eras.last.presence || !connection.presence.get(room)) return;
  let seen: Set<string> | null = null;
  for (const { item } of connection.line.written) {
    if (item.type === 'roster' && item.channel === room) seen = new Set(item.members.map(({ session }) => session));
    if (item.type !== 'publication' || item.publication.channel !== room || !item.publication.presence) continue;
    const { action, member } = item.publication.presence;
    if (action === 'join') seen?.add(member.session);
    else seen?.delete(member.session);
  }
  const there = app.connections.filter((other) => openStay(other, room)).map(({ session }) => session.id);
  const [a, b] = [[...(seen ?? [])].sort(), there.sort()];
  if (a.join() !== b.join())
    broken('the roster is who is there', { room, seen: a, there: b, client: connection.client });
}
