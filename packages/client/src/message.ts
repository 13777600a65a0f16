import type { Item } from '@portcullis/protocol';

/** One message or event, as it was said. */
export interface Message<Payload> extends Omit<Item, 'data'> {
  readonly channel: string;
  readonly data: Payload;
  /** It was said before this client was there to hear it: the history of a join, or what was missed. */
  readonly replayed: boolean;
}

export function messageOf<Payload>(channel: string, item: Item, replayed: boolean): Message<Payload> {
  return { ...item, channel, data: item.data as Payload, replayed };
}
