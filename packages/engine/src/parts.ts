import type { Codec } from './ports/outlet.ts';
import type { Publication } from './publication.ts';

/** Publications in order, as bytes that are handed to a socket at once. */
export interface Part {
  readonly bytes: Uint8Array;
  readonly entries: readonly Publication[];
}

/**
 * What was handed to a socket cannot be taken back from one who loses the channel, so it is at most `most` bytes at a time:
 * what comes to more is cut between publications. Only a single one that is longer stays whole.
 */
export function partsOf(codec: Codec, entries: readonly Publication[], most: number): readonly Part[] {
  if (entries.length === 0) return NOTHING;
  const bytes = codec.publications(entries);
  if (bytes.length <= most || entries.length === 1) return [{ bytes, entries }];
  const middle = entries.length >> 1;
  return [...partsOf(codec, entries.slice(0, middle), most), ...partsOf(codec, entries.slice(middle), most)];
}

const NOTHING: readonly never[] = [];
