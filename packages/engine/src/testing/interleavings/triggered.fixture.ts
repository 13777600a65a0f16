import type { MessageCall, Narrowing } from '../../ports/triggers.ts';
import type { Publication } from '../../publication.ts';
import type { Era } from './account.fixture.ts';
import type { Room } from './acts.fixture.ts';
import { broken } from './broken.fixture.ts';
import type { Call } from './hesitant-triggers.fixture.ts';
import type { Entry } from './reading.fixture.ts';
import { type AppRecord, type Connection, numberOf, type Run, type Said } from './run.fixture.ts';

/** What triggers were asked and said, beside what clients saw: nobody is in, and nothing is heard, that they did not let pass. */
export function assertTriggered(run: Run, app: AppRecord, connection: Connection): void {
  for (const { item } of connection.line.written) {
    if (item.type !== 'publication' || item.publication.kind !== 'message') continue;
    assertLetPass(run, app, item.publication);
  }
}

/**
 * Whoever comes in was let in by the stack, under the rule and by the proof that stood as it came in; and was asked for this very
 * join.
 */
export function assertLetIn(app: AppRecord, { session }: Connection, { asked }: Entry, room: Room): void {
  const era = app.eras.of(asked.epoch);
  if (era.stack === 0) return;
  // Another join of it may be on its way, which is not answered yet.
  const last = app.calls().findLast(({ call, asked: place, answered }) => {
    const own = call.action === 'join' && call.session === session.id && call.channel === room;
    return own && place > asked.place && answered > 0 && answered < asked.enteredPlace;
  });
  if (last?.verdict?.pass !== true || !isUnder(last, era) || tokenOf(last) !== asked.token) {
    broken('nobody comes in whom the trigger has not let in', { room, session: session.id, era, last });
  }
}

/** Who was taken off a room hears nothing more of it; while a join was on its way, it is not in by that join. */
export function assertTakenOff(run: Run, app: AppRecord, { client }: Connection, entry: Entry, room: Room): void {
  const { asked, live } = entry;
  // Far away the change has its time before it is applied here.
  if (run.schedule.farBroker) return;
  for (const one of app.takenOff) {
    if (one.client !== client || one.room !== room || asked.place > one.place) continue;
    const later = [asked.entered, ...live.map(({ publication }) => publication.timetoken)];
    if (later.some((at) => at > one.timetoken)) {
      broken('who is taken off stays off until it joins again', { client, room });
    }
  }
}

function assertLetPass(run: Run, app: AppRecord, publication: Publication): void {
  const n = numberOf(publication.data);
  const saidBy = app.said.get(n);
  // Servers say what they like.
  if (!saidBy) return;
  const calls = app.calls().filter(({ call }) => call.action === 'message' && numberOf(call.data) === n);
  for (const { call } of calls) {
    const as = (call as MessageCall).data;
    if (as !== dataOf(app.id, n)) broken('every stack sees what was said as it was said', { as, n });
  }
  const passed = calls.filter((call) => call.verdict?.pass === true && call.answeredAt < publication.timetoken);
  const era = app.eras.of(publication.stamp);
  const about = { publication, era, calls };
  if (era.stack === 0) {
    const texts = [dataOf(app.id, n), ...passed.map(textOf)];
    if (!texts.includes(publication.data)) broken('nobody but a trigger changes what was said', about);
    return;
  }
  const good = passed.some((call) => {
    const errand = errandOf(saidBy, call);
    if (!errand || !isUnder(call, era) || textOf(call) !== publication.data) return false;
    if (!run.schedule.farBroker && tokenOf(call) !== errand.by.tokenAt(publication.timetoken)) return false;
    const before = calls.filter((one) => errandOf(saidBy, one) === errand && one.asked <= call.asked);
    return before.every((one) => isWithin(publication.audience, narrowOf(one)));
  });
  if (!good)
    broken('nothing is heard that the trigger has not let pass, as it left it, and by those alone whom it left', about);
}

/** What was said by one who had left, or was kicked, is not heard. */
export function assertSaidInTime(run: Run, app: AppRecord): void {
  if (run.schedule.farBroker) return;
  for (const { by, timetoken } of app.published) {
    const gone = [by?.closedAt, by?.kickedAt].some((at) => at && timetoken > at);
    if (gone) broken('who has gone says nothing more', { client: by?.client, timetoken });
  }
}

const isUnder = ({ stack, call: { rule } }: Call, era: Era): boolean =>
  stack === era.stack &&
  rule.enabled === era.enabled &&
  rule.anonymousClients === era.anonymous &&
  rule.presence === era.presence &&
  rule.history === era.history;

const tokenOf = ({ call }: Call): string => call.principal.credentials[0]?.id ?? '';

/** Which of the times it was said the question was about. */
function errandOf(said: readonly Said[], { call, asked }: Call): Said | undefined {
  return said.findLast(({ by, place }) => by.session.id === call.session && place < asked);
}

const dataOf = (app: string, n: number): string => JSON.stringify({ app, n });

function textOf({ call, verdict }: Call): string {
  return (verdict?.pass ? verdict.data : undefined) ?? (call as MessageCall).data;
}

export const narrowOf = ({ verdict }: Call): Narrowing | undefined => (verdict?.pass ? verdict.narrow : undefined);

function isWithin(audience: Publication['audience'], narrow: Narrowing | undefined): boolean {
  switch (narrow?.to) {
    case undefined:
      return true;
    case 'authenticated':
      return audience.to !== 'everyone';
    case 'table':
      return audience.to === 'table' && audience.table === narrow.table;
    case 'user':
      return audience.to === 'user' && audience.user === narrow.user;
  }
}
