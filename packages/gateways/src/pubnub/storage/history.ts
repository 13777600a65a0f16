import type { Publication } from '@portcullis/engine';
import { countOf, isOn } from '../ask/parameters.ts';
import type { Answer, Call, PubNubDeps } from '../http/call.ts';
import { readChannels } from './read-channels.ts';
import { readSpan } from './span.ts';
import { badArguments } from './storage-answers.ts';

/** History v2, of one channel: `[[items],start,end]`, oldest first. */
export async function history(call: Call, deps: PubNubDeps): Promise<Answer> {
  const { query, params, app } = call;
  const channel = params.channel ?? '';
  const reverse = isOn(query, 'reverse');
  const span = readSpan(query, reverse);
  if (!span.ok) return badArguments(span.bad);
  const max = countOf(query, 'count', app.settings.historyPage);
  if (max === 'bad') return badArguments('count');
  const from = reverse ? 'oldest' : 'newest';
  return readChannels(
    call,
    deps,
    { channels: [channel], operations: ['history'], bounds: span.bounds, from, max },
    (pages) => ({ status: 200, type: 'javascript', body: bodyOf(pages.get(channel)?.items ?? [], call) }),
  );
}

function bodyOf(items: readonly Publication[], { query }: Call): string {
  const quote = isOn(query, 'string_message_token') ? '"' : '';
  const token = (item: Publication | undefined) => (item === undefined ? '0' : `${quote}${item.timetoken}${quote}`);
  const withToken = isOn(query, 'include_token');
  const withMeta = isOn(query, 'include_meta');
  const texts = items.map((item) => {
    if (!withToken && !withMeta) return item.data;
    const fields = [
      `"message":${item.data}`,
      ...(withToken ? [`"timetoken":${token(item)}`] : []),
      ...(withMeta ? [`"meta":${item.meta ?? '""'}`] : []),
    ];
    return `{${fields.join(',')}}`;
  });
  return `[[${texts.join(',')}],${token(items[0])},${token(items.at(-1))}]`;
}
