import type { Narrowing } from '../../ports/triggers.ts';
import type { Publication } from '../../publication.ts';
import type { Era } from './account.fixture.ts';
import type { Room } from './acts.fixture.ts';
import { broken } from './broken.fixture.ts';
import type { Call, MessageAsked } from './hesitant-triggers.fixture.ts';
import type { Entry } from './reading.fixture.ts';
import { type AppRecord, type Connection, callsOf, numberOf, type Run } from './run.fixture.ts';

/** What triggers were asked and said, beside what clients saw: nobody is in, and nothing is heard, that they did not let pass. */
export function assertTriggered(run: Run, app: AppRecord, connection: Connection): void {
  for (const { item } of connection.line.written) {
    const heard = item.type === 'publication' ? [item.publication] : item.type === 'history' ? item.items : [];
    for (const publication of heard) if (publication.kind === 'message') assertLetPass(run, app, publication);
  }
}

/**
 * Whoever comes in was let in by the stack, under the rule and by the proof that stood as it came in; and was asked for this very
 * join.
 */
export function assertLetIn(app: AppRecord, { session }: Connection, { asked }: Entry, room: Room): void {
  const era = app.eras.of(asked.epoch);
  if (era.stack === 0) return;
  const last = app.calls().findLast(({ call, asked: place }) => {
    const own = call.action === 'join' && call.session === session.id && call.channel === room;
    return own && place > asked.place && place < asked.enteredPlace;
  });
  const passed = last?.verdict?.pass === true && last.answered < asked.enteredPlace;
  if (!passed || !isUnder(last, era) || tokenOf(last) !== asked.token) {
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

/** What triggers are asked about a message is what was said, where and by whom; a no is the end of it. */
export function assertAskedAsSaid(app: AppRecord): void {
  for (const said of [...app.said.values()].flat()) {
    const calls = callsOf(app, said);
    for (const { call } of calls) {
      const asked = call.data === said.data && call.channel === said.room && call.session === said.by.session.id;
      if (!asked) broken('every stack sees what was said as it was said', { call, data: said.data, room: said.room });
    }
    const no = calls.findIndex(({ verdict }) => verdict?.pass !== true);
    if (no >= 0 && (no < calls.length - 1 || said.answer?.ok !== false)) {
      broken('what one trigger refuses no other lets pass', { calls, answer: said.answer });
    }
  }
}

/**
 * What is heard is what was said one of the times that it was said, and that time was answered so; as the last answer of
 * triggers about that time left it, and by those alone whom every answer about it left.
 */
function assertLetPass(run: Run, app: AppRecord, publication: Publication): void {
  const { meta, timetoken, audience, data } = publication;
  const times = app.said.get(numberOf(data));
  // Servers say what they like.
  if (!times) return;
  const said = times.find((one) => one.meta === meta);
  if (!said?.answer?.ok || said.answer.repeated || said.answer.timetoken !== timetoken) {
    broken('what is heard was said, and answered so', { publication, answer: said?.answer });
  }
  const era = app.eras.of(publication.stamp);
  const calls = callsOf(app, said);
  const about = { publication, era, calls };
  const last = calls.at(-1);
  if (data !== (last ? textOf(last) : said.data)) broken('nobody but a trigger changes what was said', about);
  if (!calls.every((call) => isWithin(audience, narrowOf(call))))
    broken('nobody hears whom a trigger did not leave', about);
  if (era.stack === 0) return;
  const holds = last?.verdict?.pass && last.answeredAt < timetoken && isUnder(last, era);
  // Far from its broker another proof may be shown by then.
  const shown = run.schedule.farBroker || (last && tokenOf(last) === said.by.tokenAt(timetoken));
  if (!holds || !shown) broken('nothing is heard that the trigger has not let pass', about);
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

/** As the answer left it. */
function textOf({ call, verdict }: MessageAsked): string {
  return (verdict?.pass ? verdict.data : undefined) ?? call.data;
}

const narrowOf = ({ verdict }: Call): Narrowing | undefined => (verdict?.pass ? verdict.narrow : undefined);

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
