import type { Audience } from '@portcullis/policy';
import type { Position, Publication, PublicationKind } from '../publication.ts';
import type { HistoryQuery } from './store.ts';

/** Where in a channel's history an item stands: among the channel's own, or among those of one pair of users. */
export type Shelf = HistoryQuery['scope'];

/** `null` for what is never kept: presence, and private messages without two proven users. */
export function shelfOf(audience: Audience): Shelf | null {
  switch (audience.to) {
    case 'everyone':
    case 'authenticated':
    case 'table':
    case 'row':
      return { of: 'channel' };
    case 'user':
      return audience.from === undefined ? { of: 'channel' } : { of: 'pair', users: [audience.from, audience.user] };
    case 'session':
      return audience.pair ? { of: 'pair', users: audience.pair } : null;
    case 'presence':
      return null;
  }
}

/**
 * A shelf's name within its channel: `''`, or the two users as JSON, the same whoever of them sent. JSON, because a
 * separator could be part of a name that a stranger chose.
 */
export function shelfName(shelf: Shelf): string {
  if (shelf.of === 'channel') return '';
  const [one, other] = shelf.users;
  return JSON.stringify(one <= other ? [one, other] : [other, one]);
}

export interface Keepable {
  readonly position: Position;
  /** Of `shelfName`. */
  readonly shelf: string;
}

/** What lasts. The others tell of something that is kept elsewhere, or not at all. */
const KEPT: ReadonlySet<PublicationKind> = new Set(['message', 'event', 'file']);

/** Asking a store to keep anything else is a bug of the caller, so it throws. */
export function assertKeepable(publication: Publication): Keepable {
  const shelf = shelfOf(publication.audience);
  if (publication.position === null || !KEPT.has(publication.kind) || shelf === null) {
    throw new TypeError(
      `History keeps logged messages, files and events whose audience lasts, not this ${publication.kind} to ${publication.audience.to}.`,
    );
  }
  return { position: publication.position, shelf: shelfName(shelf) };
}
