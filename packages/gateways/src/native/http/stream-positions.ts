import type { Position } from '@portcullis/engine';

/** What a piece of a stream says of a channel's log. */
export type Mark =
  | { readonly of: 'join'; readonly channel: string; readonly position: Position | null; readonly recovers: boolean }
  | { readonly of: 'page'; readonly channel: string; readonly last: Position | null; readonly more: boolean }
  | { readonly of: 'messages'; readonly channel: string; readonly last: Position | null };

/** How far a stream has come in each of its channels: what a client that comes back shows in `Last-Event-ID`. */
export class StreamPositions {
  readonly #channels: readonly string[];
  readonly #at = new Map<string, Position>();
  /** Where the log stood when a client entered that still gets what it missed: it has come so far only after that. */
  readonly #entered = new Map<string, Position>();

  constructor(channels: readonly string[], given: ReadonlyMap<string, Position>) {
    this.#channels = channels;
    for (const [channel, position] of given) this.#at.set(channel, position);
  }

  /** Whether it moved. */
  note(mark: Mark): boolean {
    const { channel } = mark;
    switch (mark.of) {
      case 'join':
        if (mark.position === null) return false;
        if (mark.recovers) this.#entered.set(channel, mark.position);
        else this.#at.set(channel, mark.position);
        return !mark.recovers;
      case 'page': {
        const entered = this.#entered.get(channel);
        if (entered === undefined) return false;
        const reached = mark.more ? mark.last : entered;
        if (!mark.more) this.#entered.delete(channel);
        if (reached) this.#at.set(channel, reached);
        return reached !== null;
      }
      case 'messages':
        if (mark.last) this.#at.set(channel, mark.last);
        return mark.last !== null;
    }
  }

  /** In the order in which the channels were named. */
  toString(): string {
    return this.#channels.map((channel) => positionWord(this.#at.get(channel))).join(',');
  }
}

const NONE = '-';

function positionWord(position: Position | undefined): string {
  return position === undefined ? NONE : `${encodeURIComponent(position.epoch)}:${position.offset}`;
}

/** Reads what `toString` made for the same channels; `undefined` when it is none of ours. */
export function readPositions(text: string, channels: readonly string[]): ReadonlyMap<string, Position> | undefined {
  const words = text.split(',');
  if (words.length !== channels.length) return undefined;
  const positions = new Map<string, Position>();
  for (const [index, channel] of channels.entries()) {
    const word = words[index] ?? '';
    if (word === NONE) continue;
    const [, epoch = '', offset = ''] = /^([\w.~!*'()%-]{1,64}):(\d{1,15})$/.exec(word) ?? [];
    if (epoch === '') return undefined;
    positions.set(channel, { epoch: decodeEpoch(epoch), offset: Number(offset) });
  }
  return positions;
}

function decodeEpoch(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
