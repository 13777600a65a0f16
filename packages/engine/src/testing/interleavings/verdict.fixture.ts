import type { Publication, Timetoken } from '../../publication.ts';
import { admits, type Era, instantOf, isWelcome, type Proof } from './account.fixture.ts';
import { ANONYMOUS_CLIENTS, PATIENT_CLIENTS, ROOMS, type Room } from './acts.fixture.ts';
import { broken } from './broken.fixture.ts';
import { assertExpected } from './expected.fixture.ts';
import type { Written } from './line.fixture.ts';
import { type Entry, entriesOf } from './reading.fixture.ts';
import { type AppRecord, type Connection, type Published, REPLAY, type Run } from './run.fixture.ts';
import {
  assertAskedAsSaid,
  assertLetIn,
  assertSaidInTime,
  assertTakenOff,
  assertTriggered,
} from './triggered.fixture.ts';

/** Throws when one of the promises was broken to somebody. Knows what was asked and what was written, and no engine. */
export function judge(run: Run): void {
  for (const app of run.apps.values()) {
    assertAcksPartTime(app);
    assertKeys(app);
    for (const message of app.published) assertSaid(run, app, message);
    assertSaidInTime(run, app);
    assertAskedAsSaid(app);
    for (const connection of app.connections) judgeConnection(run, app, connection);
    for (const room of ROOMS) assertNothingDoubled(run, app, room);
  }
}

function judgeConnection(run: Run, app: AppRecord, connection: Connection): void {
  const { session, line, client } = connection;
  for (const written of line.written) assertShown(app, connection, written);
  const end = line.written.findIndex(({ item }) => item.type === 'end');
  if (end >= 0 && end < line.written.length - 1) broken('nothing follows the end', line.written.slice(end));
  if (connection.kicked && !session.ended) broken('who is kicked is gone', client);
  assertKicked(connection);
  assertStanding(run, app, connection);
  assertTriggered(run, app, connection);
  assertLapsed(run, connection);
  for (const room of ROOMS) {
    const entries = entriesOf(run, connection, room);
    for (const entry of entries) {
      for (const { publication, written } of entry.live) assertLive(run, app, connection, entry, publication, written);
      for (const { publication, written } of entry.missed) assertMissed(connection, entry, publication, written);
      assertLetIn(app, connection, entry, room);
      assertExpected(run, app, connection, entry, room);
      assertTakenOff(run, app, connection, entry, room);
      assertOrder(entry);
      assertComplete(app, connection, entry, room);
      assertGap(run, app, entry, room);
      assertPage(run, app, connection, entry, room);
    }
    const inside = entries.at(-1)?.open === true;
    if (!session.ended && inside !== run.there(app.id, room).has(session.id)) {
      broken('everybody knows whether they are in', { room, inside, client });
    }
    assertRoster(run, app, connection, room, inside);
  }
}

/** Who is kicked hears nothing of later than the acknowledgement. */
function assertKicked({ kickedAt, line, client }: Connection): void {
  if (kickedAt === null) return;
  for (const { item } of line.written) {
    if (item.type !== 'publication' || item.publication.timetoken <= kickedAt) continue;
    broken('who is kicked hears nothing more', { client, item, kickedAt });
  }
}

/** What was published before a change was acknowledged has a timetoken up to its own, and what came under it a greater. */
function assertAcksPartTime({ acks, connections }: AppRecord): void {
  for (const { line } of connections) {
    for (const { item } of line.written) {
      if (item.type !== 'publication') continue;
      const { stamp, timetoken: own } = item.publication;
      for (const { epoch, timetoken } of acks) {
        if (stamp >= epoch === own > timetoken) continue;
        broken('acknowledgements part what was before from what came after', { item, epoch, timetoken });
      }
    }
  }
}

/** Whatever is handed over, its reader is admitted then; a snapshot shows what its reader may see. */
function assertShown({ id, eras }: AppRecord, connection: Connection, { item, at, epoch, proof }: Written): void {
  const { client } = connection;
  switch (item.type) {
    case 'publication': {
      const { publication } = item;
      const now = eras.of(epoch);
      const here = publication.app === id && admits(now, client, proof, publication.channel as Room, at);
      const presence = publication.kind !== 'presence' || (now.presence && eras.of(publication.stamp).presence);
      if (!here || !presence) broken('nobody is handed what they are denied', { publication, now, at, client });
      return;
    }
    case 'history': {
      const now = eras.of(epoch);
      const room = item.channel as Room;
      const here = admits(now, client, proof, room, at);
      const sorted = item.items.every((kept, n) => n === 0 || kept.timetoken > (item.items[n - 1]?.timetoken ?? 0n));
      if (!here || !sorted) broken('nobody is handed a page they are denied', { item, now, at, client });
      for (const kept of item.items) {
        if (kept.app !== id || kept.channel !== room || !isTo(kept, connection, proof)) {
          broken('nobody is handed a page of what was not for them', { item, now, client });
        }
      }
      if (!item.join && item.items.length > now.history) broken('no page shows more than is kept', { item, now });
      return;
    }
    case 'roster':
      if (!admits(eras.of(epoch), client, proof, item.channel as Room, at) || !eras.of(epoch).presence)
        broken('nobody is handed a roster they are denied', { item });
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

/** Whether a kept or missed item was said to this client among others. What is said to one connection ends with it. */
function isTo({ audience }: Pick<Publication, 'audience'>, { client, session }: Connection, proof: Proof): boolean {
  switch (audience.to) {
    case 'everyone':
      return audience.anonymous || client >= ANONYMOUS_CLIENTS;
    case 'user':
      return audience.user === `u${client}`;
    case 'table':
      return audience.table === proof.table;
    case 'session':
      return audience.session === session.id;
    case 'authenticated':
      return client >= ANONYMOUS_CLIENTS;
    case 'row':
    case 'presence':
      return false;
  }
}

/** Admitted when it got its place too; or said before it came back, and behind where it goes on from. */
function assertLive(
  run: Run,
  { eras }: AppRecord,
  connection: Connection,
  entry: Entry,
  publication: Publication,
  written: Written,
): void {
  const { client } = connection;
  const { timetoken, stamp } = publication;
  const about = { publication, client, joined: entry.joined, entered: entry.asked.entered };
  if (timetoken < entry.asked.entered) {
    if (!isBehind(entry, publication) || !isTo(publication, connection, written.proof)) {
      broken('nothing from before it entered goes live to anybody', about);
    }
    return;
  }
  const then = proofAt(connection, timetoken);
  const admittedBy = (proof: Proof) =>
    admits(eras.of(stamp), client, proof, publication.channel as Room, instantOf(timetoken));
  // Far from its broker a node may hear of a change when another proof was shown: then that one counts.
  const admitted = admittedBy(then) || (run.schedule.farBroker && admittedBy(written.proof));
  const meant = isTo(publication, connection, then) && isTo(publication, connection, written.proof);
  if (!admitted || !meant) broken('nothing goes live to who was not admitted when it got its place', about);
}

function proofAt({ proofs }: Connection, timetoken: Timetoken): Proof {
  const proof = proofs.findLast(({ from }) => from <= timetoken) ?? proofs[0];
  return proof ?? broken('every connection shows something of its user', timetoken);
}

function isBehind({ from }: Entry, { position }: Pick<Publication, 'position'>): boolean {
  return from !== null && position !== null && position.epoch === from.epoch && position.offset > from.offset;
}

function assertMissed(connection: Connection, entry: Entry, publication: Publication, written: Written): void {
  const { position } = publication;
  const upTo = entry.joined.position?.offset ?? 0;
  const missed = isBehind(entry, publication) && position !== null && position.offset <= upTo;
  if (!missed || !isTo(publication, connection, written.proof)) {
    const { client } = connection;
    broken('who comes back is sent what it missed and nothing else', { publication, client, joined: entry.joined });
  }
}

/** Every publication once, in order. */
function assertOrder({ missed, live }: Entry): void {
  let newest = 0n;
  for (const { publication } of [...missed, ...live]) {
    if (publication.timetoken <= newest) broken('nothing comes twice or out of order', { publication });
    newest = publication.timetoken;
  }
}

/** Who stays to the end misses nothing that was answered, nor does who comes back. */
function assertComplete(app: AppRecord, connection: Connection, entry: Entry, room: Room): void {
  if (entry.open && !entry.caughtUp) broken('what was missed comes to an end', { joined: entry.joined });
  const got = new Set([...entry.missed, ...entry.live].map(({ publication }) => publication.timetoken));
  for (const message of app.published) {
    if (message.room !== room || got.has(message.timetoken)) continue;
    if (isDue(app, connection, entry, message)) {
      broken('who stays, or comes back, misses nothing', { message, joined: entry.joined, client: connection.client });
    }
  }
}

function isDue(app: AppRecord, connection: Connection, entry: Entry, message: Published): boolean {
  const { client, session, proofs } = connection;
  const { to, timetoken } = message;
  const { entered } = entry.asked;
  const later = timetoken > entered;
  if (later ? !entry.open : !isMissed(entry, message)) return false;
  switch (to.to) {
    case 'session':
      return later && to.session === session.id;
    case 'user':
      return to.user === `u${client}`;
    case 'table': {
      // Of who was in another table meanwhile nobody can say.
      const since = proofAt(connection, later ? timetoken : entered);
      return proofs.every((proof) => proof.from < since.from || proof.table === to.table);
    }
    case 'everyone':
      return client >= ANONYMOUS_CLIENTS || eraAt(app, message).anonymous;
    case 'authenticated':
      return client >= ANONYMOUS_CLIENTS;
  }
}

/** In the pages if it was handed out by then, otherwise live if it stayed. */
function isMissed(entry: Entry, message: Published): boolean {
  const { position } = message;
  if (!isBehind(entry, message) || position === null) return false;
  return position.offset <= (entry.joined.position?.offset ?? 0) ? entry.caughtUp : entry.open;
}

/** Nobody is told of a gap where everything is remembered. */
function assertGap(run: Run, { published }: AppRecord, { joined, asked }: Entry, room: Room): void {
  const { recover } = asked.options;
  if (joined.recovery !== 'gap' || !recover || run.schedule.farBroker) return;
  if (joined.position?.epoch !== recover.epoch) return;
  const after = published.filter(
    (message) =>
      message.room === room &&
      message.timetoken < asked.entered &&
      (message.position === null ||
        (message.position.epoch === recover.epoch && message.position.offset > recover.offset)),
  );
  const young = after.every(({ timetoken }) => asked.at - instantOf(timetoken) <= REPLAY.age);
  if (young && after.length <= REPLAY.messages) broken('what is remembered is no gap', { joined, recover, after });
}

/** The page that comes with a join ends where the live messages begin. */
function assertPage(run: Run, app: AppRecord, { client }: Connection, entry: Entry, room: Room): void {
  const { page, asked } = entry;
  const oldest = page?.[0]?.timetoken;
  // Far away, what has its place may reach the store later than what is read there.
  if (!page || oldest === undefined || run.schedule.farBroker) return;
  const shown = new Set(page.map(({ timetoken }) => timetoken));
  for (const message of app.published) {
    const then = eraAt(app, message);
    const due = message.room === room && message.by !== null && message.to.to === 'everyone' && then.history > 0;
    if (!due || (client < ANONYMOUS_CLIENTS && !then.anonymous)) continue;
    if (message.timetoken > oldest && message.timetoken < asked.entered && !shown.has(message.timetoken)) {
      broken('history has no gap', { message, page });
    }
  }
  if (page.some(({ timetoken }) => timetoken > asked.entered)) {
    broken('nothing is both live and in the history of a join', { page });
  }
}

/** What got its place was said by one who might say it then. */
function assertSaid(run: Run, app: AppRecord, message: Published): void {
  const { by, room, timetoken } = message;
  if (!by) return;
  const then = eraAt(app, message);
  const { farBroker } = run.schedule;
  const shown = farBroker ? by.proofs : [proofAt(by, timetoken)];
  // Far from the broker what was asked for in time may get its place later; a change of authority it may not outrun.
  const at = farBroker ? Number.NEGATIVE_INFINITY : instantOf(timetoken);
  if (!shown.some((proof) => admits(then, by.client, proof, room, at))) {
    broken('nothing gets a place that its sender might not say', {
      message: { room, timetoken },
      then,
      client: by.client,
    });
  }
}

/** By the acknowledgements, which part time. */
function eraAt({ acks, eras }: AppRecord, { timetoken }: Published): Era {
  let epoch = eras.first.epoch;
  for (const ack of acks) if (timetoken > ack.timetoken && ack.epoch > epoch) epoch = ack.epoch;
  return eras.of(epoch);
}

/** Nobody is in a room by a proof that does not hold, and who cannot wait for another is gone. */
function assertStanding(run: Run, app: AppRecord, { client, session, proofs }: Connection): void {
  const proof = proofs.at(-1);
  if (session.ended || !proof || isWelcome(app.eras.last, client, proof, run.clock.now())) return;
  const there = ROOMS.some((room) => run.there(app.id, room).has(session.id));
  if (there || client < PATIENT_CLIENTS) broken('who shows no proof that holds is nowhere', { client, proof });
}

/** What was put together for a proof that no longer holds is not handed over once that is so, whatever proof comes then. */
function assertLapsed({ worded }: Run, { line, client }: Connection): void {
  for (const { item: end } of line.written) {
    if (end.type !== 'token-expired') continue;
    const lapsed = worded.get(end) ?? 0;
    for (const { item, count } of line.written) {
      if (item.type !== 'history' && item.type !== 'roster') continue;
      if ((worded.get(item) ?? 0) < lapsed && count > lapsed)
        broken('with its proof goes what waits', { item, client });
    }
  }
}

/** The roster and the updates since come to who is there. */
function assertRoster(run: Run, app: AppRecord, connection: Connection, room: Room, inside: boolean): void {
  if (!inside || !app.eras.last.presence || !connection.presence.get(room)) return;
  let seen: Set<string> | null = null;
  for (const { item } of connection.line.written) {
    if (item.type === 'roster' && item.channel === room) seen = new Set(item.members.map(({ session }) => session));
    if (item.type !== 'publication' || item.publication.channel !== room || !item.publication.presence) continue;
    const { action, member } = item.publication.presence;
    if (action === 'join') seen?.add(member.session);
    else if (action !== 'state-change') seen?.delete(member.session);
  }
  const [a, b] = [[...(seen ?? [])].sort(), [...run.there(app.id, room)].sort()];
  if (a.join() !== b.join())
    broken('the roster is who is there', { room, seen: a, there: b, client: connection.client });
}

/** Said under one key, it is published once as long as that is remembered; and answered alike. */
function assertKeys(app: AppRecord): void {
  for (const { n, answers } of app.keyed.values()) {
    const firsts = answers.flatMap((answer) =>
      answer.outcome.ok && !answer.outcome.repeated ? [{ ...answer, timetoken: answer.outcome.timetoken }] : [],
    );
    for (const [at, { askedAt }] of firsts.entries()) {
      const before = firsts[at - 1];
      if (before && askedAt - before.answeredAt <= REPLAY.age) broken('a repetition is not published again', answers);
    }
    // One that came while the first was on its way may be answered a moment before it.
    for (const { outcome } of answers) {
      if (!outcome.ok || !outcome.repeated) continue;
      if (!firsts.some(({ timetoken }) => timetoken === outcome.timetoken))
        broken('a repetition is answered as the first was', answers);
    }
    const placed = new Set<Timetoken>();
    for (const { line } of app.connections) {
      for (const { item } of line.written) {
        if (item.type !== 'publication' || item.publication.data === '') continue;
        if ((JSON.parse(item.publication.data) as { readonly n: number }).n === n)
          placed.add(item.publication.timetoken);
      }
    }
    if (placed.size > firsts.length) broken('what is said once is heard once', { n, answers });
  }
}

/**
 * Over all its connections a client is sent nothing of a room twice, but for history, and but for what it asks for: while
 * it was in, it named a place to go on from, was sent what came behind that, and was taken out before it was answered.
 */
function assertNothingDoubled(run: Run, app: AppRecord, room: Room): void {
  const got = new Map<number, Map<Timetoken, number>>();
  for (const connection of app.connections) {
    const known = got.get(connection.client) ?? new Map<Timetoken, number>();
    got.set(connection.client, known);
    for (const { missed, live, asked } of entriesOf(run, connection, room)) {
      const again = missed.map((one) => ({ ...one, after: asked.count }));
      const never = live.map((one) => ({ ...one, after: Number.POSITIVE_INFINITY }));
      for (const { publication, written, after } of [...again, ...never]) {
        const first = known.get(publication.timetoken);
        if (first !== undefined && first <= after) broken('nothing comes twice to a client', { publication });
        known.set(publication.timetoken, first ?? written.count);
      }
    }
  }
}
