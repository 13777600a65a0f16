import type { Action, Timetoken } from '@portcullis/engine';
import { refused } from '../ask/ask.ts';
import { countOf, timetokenOf } from '../ask/parameters.ts';
import { data, refusal } from '../http/answers.ts';
import type { Answer, Call, PubNubDeps } from '../http/call.ts';
import { oldestInReach } from '../storage/reach.ts';
import { historyOf, seer } from '../storage/read-channels.ts';
import { actionData } from './add.ts';
import { badInput } from './reaction-answers.ts';

/** Rules narrowed more often than this while one call reads change faster than they can be read. */
const MOST_READS = 3;

/** A channel's reactions, the newest of the range, oldest first: those on messages that the asker may see. */
export async function listReactions(call: Call, deps: PubNubDeps): Promise<Answer> {
  const channel = call.params.channel ?? '';
  const range = readRange(call);
  if (!range.ok) return badInput([{ message: 'Invalid value', location: range.bad, locationType: 'query' }]);
  const ask = { operation: 'reactions.get', name: channel } as const;
  for (let time = 1; time <= MOST_READS; time++) {
    const denied = refused(call, deps, ask);
    if (denied) return denied;
    const history = historyOf(call, deps, channel);
    const found = await find(call, deps, { ...range, channel, history });
    const deniedNow = refused(call, deps, ask);
    if (deniedNow) return deniedNow;
    if (historyOf(call, deps, channel) < history) continue;
    const sees = seer(call, deps);
    const seen = found.actions.filter(({ audience }) => sees({ channel, audience }));
    return data(seen.map(actionData), found.more ? { more: moreOf(call, seen[0], range.limit) } : {}, 'javascript');
  }
  return refusal('trigger.stale');
}

interface Range {
  readonly olderThan?: Timetoken;
  readonly notOlderThan?: Timetoken;
  readonly limit: number;
}

function readRange({
  query,
  app,
}: Call): ({ readonly ok: true } & Range) | { readonly ok: false; readonly bad: string } {
  const start = timetokenOf(query, 'start');
  const end = timetokenOf(query, 'end');
  const limit = countOf(query, 'limit', app.settings.reactionsPage);
  if (start === 'bad') return { ok: false, bad: 'start' };
  if (end === 'bad') return { ok: false, bad: 'end' };
  if (limit === 'bad') return { ok: false, bad: 'limit' };
  return {
    ok: true,
    limit,
    ...(start === undefined ? {} : { olderThan: start }),
    ...(end === undefined ? {} : { notOlderThan: end }),
  };
}

interface Finding extends Range {
  readonly channel: string;
  readonly history: number;
}

async function find(call: Call, deps: PubNubDeps, { limit, channel, history, ...range }: Finding) {
  const { engine, store } = deps;
  const where = { app: call.app.app, channel, now: engine.now() };
  const sees = seer(call, deps);
  const floor = await oldestInReach(store, { ...where, history });
  const found: Action[] = [];
  let bounds: Omit<Range, 'limit'> = range;
  while (found.length <= limit) {
    const actions = await store.actions({ ...where, ...bounds, limit: limit + 1 });
    const visible = ({ audience, messageTimetoken }: Action) =>
      messageTimetoken >= floor && sees({ channel, audience });
    found.unshift(...actions.filter(visible));
    const [oldest] = actions;
    if (oldest === undefined || actions.length <= limit) break;
    bounds = { ...bounds, olderThan: oldest.timetoken };
  }
  return { actions: found.slice(-limit), more: found.length > limit };
}

/** Where the next page begins. */
function moreOf({ app, params, query }: Call, oldest: Action | undefined, limit: number) {
  const start = `${oldest?.timetoken ?? 0n}`;
  const end = query.get('end') || undefined;
  const rest = end === undefined ? '' : `&end=${end}`;
  const path = `/v1/message-actions/${encodeURIComponent(app.subscribeKey)}/channel/${encodeURIComponent(params.channel ?? '')}`;
  return { url: `${path}?start=${start}${rest}&limit=${limit}`, start, ...(end === undefined ? {} : { end }), limit };
}
