import type { Codec } from '@portcullis/engine';
import { textFrame } from '../shared/encode-frame.ts';
import { BatchTexts } from './batch-texts.ts';
import type { Crowds } from './crowds.ts';
import { noticeText } from './notice-text.ts';

export interface CodecDeps {
  readonly explains: () => boolean;
  readonly crowds: Crowds;
}

/**
 * The wire format of this door. What a turn brought for a channel is one frame, whatever it is. `explains`: whether
 * clients of the app are told what would have to change.
 */
export function createNativeCodec({ explains, crowds }: CodecDeps): Codec {
  const texts = new BatchTexts(crowds);
  return {
    name: 'native',
    publications: (batch) => frameOf(texts.of(batch)),
    notice: (notice) => frameOf(noticeText(notice, explains())),
  };
}

const NOTHING = Buffer.alloc(0);

function frameOf(texts: readonly string[]): Uint8Array {
  const [only] = texts;
  if (only === undefined) return NOTHING;
  return textFrame(texts.length === 1 ? only : `[${texts.join(',')}]`);
}
