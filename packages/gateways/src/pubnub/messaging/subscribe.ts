import type { MaybePromise, PollName, PollRequest, Publication } from '@portcullis/engine';
import { refusal, refusalOf } from '../http/answers.ts';
import type { Answer, Call, Endpoint, PubNubApp, PubNubDeps } from '../http/call.ts';
import { existsHere, membersHere } from '../names/exists-here.ts';
import { refuseTooMany } from '../names/refuse-too-many.ts';
import type { Polling } from '../presence/departures.ts';
import { readPresence, type SaidPresence } from '../presence/said-presence.ts';
import { stayPresent } from '../presence/stay-present.ts';
import { badCall } from './bad-call.ts';
import { type AskedCursor, readCursor } from './cursor.ts';
import { atOnce, type Hung, hang } from './hang.ts';
import { failingNames, pollNames } from './names.ts';
import type { PollAnswers } from './poll-answers.ts';
import { Subscribers } from './subscribers.ts';

/** Subscribe version 2: `{"t":{"t":"<timetoken>","r":<region>},"m":[…]}`. */
export const SUBSCRIBE: Endpoint = {
  method: 'GET',
  path: '/v2/subscribe/{sub}/{channelsCsv}/0',
  // Who subscribes again is there a little longer.
  reads: (query) => !query.has('state'),
  handle: subscribe,
};

/** A subscribe call, read. */
interface Asked {
  readonly names: readonly PollName[];
  readonly cursor: Exclude<AskedCursor, { readonly type: 'malformed' }>;
  readonly filter: ((publication: Publication) => boolean) | undefined;
  readonly presence: SaidPresence;
}

function subscribe(call: Call, deps: PubNubDeps): MaybePromise<Answer> {
  const door = Subscribers.of(deps);
  const asked = readSubscribe(call, deps, door);
  if ('status' in asked) return asked;
  const { app, settings, subscribeKey } = call.app;
  const { names, cursor, filter, presence } = asked;
  const poll = deps.engine.poll({
    app,
    principal: call.principal,
    names,
    cursor: cursor.type === 'at' ? cursor.timetoken : null,
    limit: settings.pollMessages,
    wants: wantedOf(call.app, door, filter),
  });
  const answer = answerer(app, door.answers(subscribeKey), deps);
  if (cursor.type === 'none') {
    const decided = atOnce(poll);
    if (decided.type === 'nothing') {
      if (isEmpty(call, deps, names)) return emptySubscription(names);
      stayPresent(call, deps, presence);
    }
    return answer(decided);
  }
  const polling = door.departures.polling(call, presence);
  const hanging = hang(call, {
    poll,
    timeout: settings.pollTimeout,
    timeouts: door.timeouts,
    answer: polling === null ? answer : ending(polling, answer),
  });
  if (!isEmpty(call, deps, names)) stayPresent(call, deps, presence);
  return hanging;
}

// Each of these is held by a poll as long as it hangs, with all that its function can see: so they are functions of their own.

function wantedOf(
  app: PubNubApp,
  { announcements }: Subscribers,
  filter: Asked['filter'],
): NonNullable<PollRequest['wants']> {
  return (publication) =>
    existsHere(publication.channel, app) && announcements.shows(app, publication) && (filter?.(publication) ?? true);
}

function answerer(app: string, answers: PollAnswers, { engine }: PubNubDeps): (hung: Hung) => Answer {
  return (hung) => {
    if (hung.type !== 'answered') return answers.nothing(hung.cursor);
    const { answer: given } = hung;
    if (given.ok) return answers.of(given.items, given.cursor);
    return refusalOf(engine.refuse(app, given.request, given.denied), failingNames(given.names));
  };
}

function ending(polling: Polling, answer: (hung: Hung) => Answer): (hung: Hung) => Answer {
  return (hung) => {
    polling.ended(hung.type === 'gone');
    return answer(hung);
  };
}

function readSubscribe(call: Call, deps: PubNubDeps, door: Subscribers): Asked | Answer {
  const { settings } = call.app;
  const channels = call.names('channelsCsv');
  const groups = call.query.list('channel-group');
  const names = pollNames(channels, groups);
  if (names.length === 0) return badCall('Subscribe', 'request.malformed', 'Channel or channel group is missing');
  const tooMany = refuseTooMany(channels, groups, settings);
  if (tooMany) return tooMany;
  const home = { region: deps.region, since: door.since, margin: settings.resumeMargin };
  const cursor = readCursor(call.query, home);
  if (cursor.type === 'malformed') {
    return badCall('Subscribe', 'request.malformed', `Invalid ${cursor.parameter === 'tt' ? 'timetoken' : 'region'}`);
  }
  const presence = readPresence(call, channels, groups);
  if ('status' in presence) return presence;
  const expression = call.query.get('filter-expr') ?? '';
  if (expression === '') return { names, cursor, presence, filter: undefined };
  if (!settings.filters) return badCall('Subscribe', 'operation.not-enabled', 'Stream filters are off', 403);
  const limits = { length: settings.filterLength, terms: settings.filterTerms };
  const filter = door.filters.compile(expression, limits);
  if (filter.ok) return { names, cursor, presence, filter: filter.wants };
  const { problem, at, limit } = filter;
  const code = limit === undefined ? 'request.malformed' : (`limit.${limit}` as const);
  return badCall('Subscribe', code, `Invalid filter expression: ${problem} (at character ${at + 1})`);
}

/** Groups alone, and no channel in any of them: there would be nothing to wait for. */
function isEmpty({ app }: Call, { engine }: PubNubDeps, names: readonly PollName[]): boolean {
  return names.every(({ of, name }) => of === 'group' && membersHere(engine, app, name).length === 0);
}

function emptySubscription(names: readonly PollName[]): Answer {
  const message = 'Channel group or groups result in empty subscription set';
  const answer = refusal('request.malformed', failingNames(names), message);
  return { ...answer, status: 400 };
}
