import type { Codec, Notice } from '@portcullis/engine';
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
  const losses = new Losses();
  return {
    name: 'native',
    publications: (batch) => frameOf(texts.of(batch)),
    notice: (notice) => (notice.type === 'lost' ? losses.frameOf(notice) : frameOf(noticeText(notice, explains()))),
  };
}

type Lost = Extract<Notice, { readonly type: 'lost' }>;

/** Channels whose last loss is kept as a frame. */
const LOSSES_MOST = 1_024;

/** An edit takes a channel from everyone in it with the same words: they are put together once. */
class Losses {
  readonly #last = new Map<string, Pick<Lost, 'code' | 'message' | 'left'> & { readonly frame: Uint8Array }>();

  frameOf(notice: Lost): Uint8Array {
    const { channel, code, message, left } = notice;
    const known = this.#last.get(channel);
    if (known?.code === code && known.message === message && known.left === left) return known.frame;
    const frame = frameOf(noticeText(notice, false));
    if (this.#last.size >= LOSSES_MOST) this.#last.clear();
    this.#last.set(channel, { code, message, left, frame });
    return frame;
  }
}

const NOTHING = Buffer.alloc(0);

function frameOf(texts: readonly string[]): Uint8Array {
  const [only] = texts;
  if (only === undefined) return NOTHING;
  return textFrame(texts.length === 1 ? only : `[${texts.join(',')}]`);
}
