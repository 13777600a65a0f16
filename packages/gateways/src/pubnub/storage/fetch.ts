import type { Action, Publication } from '@portcullis/engine';
import { countOf, isOn } from '../ask/parameters.ts';
import type { Answer, Call, PubNubDeps } from '../http/call.ts';
import { itemText } from './item-text.ts';
import { type ChannelPage, readChannels } from './read-channels.ts';
import { readSpan } from './span.ts';
import { badArguments, channelKey, stored, tooManyChannels } from './storage-answers.ts';

/** Fetch v3, of many channels: what each holds, by channel, oldest first. A channel without items is left out. */
export function fetchMessages(call: Call, deps: PubNubDeps): Promise<Answer> | Answer {
  const channels = [...new Set(call.names('channelsCsv'))];
  const { settings } = call.app;
  if (channels.length === 0) return badArguments('channel');
  if (channels.length > settings.historyChannelsPerCall) return tooManyChannels();
  const most = channels.length === 1 ? settings.historyPage : settings.historyPageOfMany;
  return fetch(call, deps, { channels, most, path: '/v3/history' });
}

/** The same of one channel, with the reactions to each item. */
export function fetchWithActions(call: Call, deps: PubNubDeps): Promise<Answer> | Answer {
  const channels = call.names('channelsCsv');
  if (channels.length !== 1) return badArguments('channel');
  const most = call.app.settings.historyPageOfMany;
  return fetch(call, deps, { channels, most, path: '/v3/history-with-actions' });
}

interface Fetch {
  readonly channels: readonly string[];
  readonly most: number;
  readonly path: '/v3/history' | '/v3/history-with-actions';
}

function fetch(call: Call, deps: PubNubDeps, { channels, most, path }: Fetch): Promise<Answer> | Answer {
  const span = readSpan(call.query);
  if (!span.ok) return badArguments(span.bad);
  const max = countOf(call.query, 'max', most);
  if (max === 'bad') return badArguments('max');
  const actions = path === '/v3/history-with-actions';
  const operations = actions ? (['history', 'reactions.get'] as const) : (['history'] as const);
  const read = { channels, operations, bounds: span.bounds, from: 'newest', max, actions } as const;
  return readChannels(call, deps, read, (pages) => stored(texts(call, pages), moreOf(call, pages, { max, path })));
}

function texts(call: Call, pages: ReadonlyMap<string, ChannelPage>) {
  const encode = call.query.get('encode_channels') !== 'false';
  const wanted = {
    meta: isOn(call.query, 'include_meta'),
    uuid: isOn(call.query, 'include_uuid'),
    type: isOn(call.query, 'include_message_type'),
    customType: isOn(call.query, 'include_custom_message_type'),
  };
  return [...pages]
    .filter(([, { items }]) => items.length > 0)
    .map(([channel, { items, actions }]) => {
      const by = byMessage(actions);
      const text = (item: Publication) => itemText(item, wanted, by.get(item.timetoken));
      return [channelKey(channel, encode), `[${items.map(text).join(',')}]`] as const;
    });
}

function byMessage(actions: readonly Action[]): ReadonlyMap<bigint, readonly Action[]> {
  const by = new Map<bigint, Action[]>();
  for (const action of actions) {
    const same = by.get(action.messageTimetoken);
    if (same === undefined) by.set(action.messageTimetoken, [action]);
    else same.push(action);
  }
  return by;
}

/**
 * Where to go on when not all is there. One `start` serves all channels: the newest of where they were cut off, so that
 * nothing is passed over; channels that were read further repeat some items.
 */
function moreOf(
  call: Call,
  pages: ReadonlyMap<string, ChannelPage>,
  { max, path }: { readonly max: number; readonly path: string },
) {
  let start: bigint | undefined;
  for (const { items, more } of pages.values()) {
    const oldest = items[0]?.timetoken;
    if (more && oldest !== undefined && (start === undefined || oldest > start)) start = oldest;
  }
  if (start === undefined) return undefined;
  const end = call.query.get('end');
  const rest = end === undefined || end === '' ? '' : `&end=${end}`;
  const names = [...pages.keys()].map((channel) => channelKey(channel, true)).join(',');
  const { subscribeKey } = call.app;
  const url = `${path}/sub-key/${encodeURIComponent(subscribeKey)}/channel/${names}?start=${start}${rest}&max=${max}`;
  return { url, start: `${start}`, max };
}
