import type { Codec, Notice, Position, Publication } from '@portcullis/engine';
import { BatchTexts } from '../batch-texts.ts';
import type { CodecDeps } from '../codec.ts';
import { noticeText } from '../notice-text.ts';
import type { Mark } from './stream-positions.ts';

/** Encoded for all of a class, and yet each stream has to know how far it has come: what a buffer says is told by it. */
export type Marks = Pick<WeakMap<Uint8Array, Mark>, 'get'>;

/** The same messages as on a WebSocket, as server-sent events. */
export function createStreamCodec({ explains, crowds }: CodecDeps): Codec & { readonly marks: Marks } {
  const texts = new BatchTexts(crowds);
  const marks = new WeakMap<Uint8Array, Mark>();
  const marked = (bytes: Uint8Array, mark: Mark | undefined): Uint8Array => {
    if (mark !== undefined && bytes.length > 0) marks.set(bytes, mark);
    return bytes;
  };
  return {
    name: 'native-stream',
    marks,
    publications: (batch) => marked(eventsOf(texts.of(batch)), markOf(batch)),
    notice: (notice) => marked(eventsOf(noticeText(notice, explains())), noticeMark(notice)),
  };
}

/** One event a message. White space of a payload may hold line ends, which would end the event's line. */
export function eventsOf(texts: readonly string[]): Buffer {
  return Buffer.from(texts.map((text) => `data: ${text.replace(LINE_ENDS, ' ')}\n\n`).join(''));
}

const LINE_ENDS = /[\r\n]/g;

function markOf(batch: readonly Publication[]): Mark | undefined {
  const [first] = batch;
  return first && { of: 'messages', channel: first.channel, last: lastOf(batch) };
}

function noticeMark(notice: Notice): Mark | undefined {
  if (notice.type === 'joined') {
    const { channel, position, recovery } = notice;
    return { of: 'join', channel, position, recovers: recovery === 'complete' };
  }
  if (notice.type !== 'history' || !notice.join) return undefined;
  return { of: 'page', channel: notice.channel, last: lastOf(notice.items), more: notice.more };
}

function lastOf(items: readonly Publication[]): Position | null {
  return items.findLast(({ position }) => position !== null)?.position ?? null;
}
