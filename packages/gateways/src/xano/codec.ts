import type { Codec, Notice, Publication } from '@portcullis/engine';
import { textFrame, textFrames } from '../shared/encode-frame.ts';
import { Recent } from '../shared/recent.ts';
import { errorText, historyText, joinText, leaveText, publicationText, rosterText } from './wire-text.ts';

/** The wire format of this door. One for all apps: its bytes depend on nothing but what is encoded. */
export function createXanoCodec(): Codec {
  const recent = new Recent(encode);
  return {
    name: 'xano',
    publications: (batch) => joinFrames(batch, recent),
    notice: (notice) => textFrames(noticeTexts(notice)),
  };
}

/** What this wire has no frame for is no bytes at all. */
function encode(publication: Publication): Buffer {
  const text = publicationText(publication);
  return text === '' ? NOTHING : textFrame(text);
}

const NOTHING = Buffer.alloc(0);

function joinFrames(batch: readonly Publication[], recent: Recent<Buffer>): Uint8Array {
  const [only] = batch;
  if (only !== undefined && batch.length === 1) return recent.of(only);
  return Buffer.concat(batch.map((publication) => recent.of(publication)));
}

function noticeTexts(notice: Notice): readonly string[] {
  switch (notice.type) {
    case 'joined':
      return [joinText(notice.channel, notice.self)];
    case 'left':
      return [leaveText(notice.channel, notice.self)];
    case 'roster':
      return [rosterText(notice.channel, notice.members, notice.total)];
    case 'history':
      return [historyText(notice.channel, notice.items)];
    case 'lost': {
      const why = errorText(notice.code, notice.message, notice.channel);
      return notice.left ? [why, leaveText(notice.channel, notice.self)] : [why];
    }
    case 'token-expired':
      // Sessions of this door are ended at once.
      return [];
    case 'refused':
      return [errorText(notice.code, notice.message, notice.channel)];
  }
}
