import type { Audience } from '@portcullis/policy';
import { type Ask, refusedAny } from '../ask/ask.ts';
import { parseTimetoken } from '../ask/parameters.ts';
import { refusal } from '../http/answers.ts';
import type { Answer, Call, PubNubDeps } from '../http/call.ts';
import { oldestInReach, within } from './reach.ts';
import { historyOf, seer } from './read-channels.ts';
import { badArguments, channelKey, stored, tooManyChannels } from './storage-answers.ts';

/** Items read at once. */
const CHUNK = 100;
const MOST_READS = 3;

/**
 * Message counts: per channel, how many messages of its history the reader may see from the given timetoken on, that one
 * included.
 */
export async function messageCounts(call: Call, deps: PubNubDeps): Promise<Answer> {
  const channels = call.names('channelsCsv');
  if (channels.length === 0 || new Set(channels).size < channels.length) return badArguments('channel');
  if (channels.length > call.app.settings.historyChannelsPerCall) return tooManyChannels();
  const since = timetokensOf(call, channels.length);
  if (typeof since === 'string') return badArguments(since);
  const asks = channels.map((name): Ask => ({ operation: 'messages.count', name }));
  for (let time = 1; time <= MOST_READS; time++) {
    const denied = refusedAny(call, deps, asks);
    if (denied) return denied;
    const reads: { readonly channel: string; readonly history: number; readonly counts: Counts }[] = [];
    for (const [index, channel] of channels.entries()) {
      const history = historyOf(call, deps, channel);
      reads.push({ channel, history, counts: await countByAudience(call, deps, { channel, history }, since(index)) });
    }
    const deniedNow = refusedAny(call, deps, asks);
    if (deniedNow) return deniedNow;
    if (reads.some(({ channel, history }) => historyOf(call, deps, channel) < history)) continue;
    const encode = call.query.get('encode_channels') !== 'false';
    return stored(
      reads.map(
        ({ channel, counts }) => [channelKey(channel, encode), `${seen(call, deps, channel, counts)}`] as const,
      ),
    );
  }
  return refusal('trigger.stale');
}

/** How many items of each audience, by the audience as JSON: few, however many the items. */
type Counts = ReadonlyMap<string, { readonly audience: Audience; readonly count: number }>;

async function countByAudience(
  { app }: Call,
  { engine, store }: PubNubDeps,
  { channel, history }: { readonly channel: string; readonly history: number },
  since: bigint,
): Promise<Counts> {
  const where = { app: app.app, channel, now: engine.now() };
  const bounds = within({ notOlderThan: since }, await oldestInReach(store, { ...where, history }));
  const counts = new Map<string, { readonly audience: Audience; readonly count: number }>();
  let after: { readonly newerThan?: bigint } = {};
  for (;;) {
    const items = await store.range({ ...where, ...bounds, ...after, limit: CHUNK, from: 'oldest' });
    for (const { audience } of items) {
      const key = JSON.stringify(audience);
      counts.set(key, { audience, count: (counts.get(key)?.count ?? 0) + 1 });
    }
    const last = items.at(-1);
    if (last === undefined || items.length < CHUNK) return counts;
    after = { newerThan: last.timetoken };
  }
}

function seen(call: Call, deps: PubNubDeps, channel: string, counts: Counts): number {
  const sees = seer(call, deps);
  let sum = 0;
  for (const { audience, count } of counts.values()) if (sees({ channel, audience })) sum += count;
  return sum;
}

/** One timetoken for all channels, or one for each in their order; or the name of the parameter that is wrong. */
function timetokensOf({ query }: Call, channels: number): ((index: number) => bigint) | string {
  const many = query.list('channelsTimetoken');
  const name = many.length > 0 ? 'channelsTimetoken' : 'timetoken';
  const texts = many.length > 0 ? many : [query.get('timetoken') ?? ''];
  const tokens = texts.map(parseTimetoken);
  if (tokens.includes(undefined) || (tokens.length !== 1 && tokens.length !== channels)) return name;
  return (index) => tokens[tokens.length === 1 ? 0 : index] ?? 0n;
}
