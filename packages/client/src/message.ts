import type { Item, Messages } from '@portcullis/protocol';

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

/** The items of what one turn brought; what is said once of all of them is said of each. */
export function itemsOf({ from, messages }: Messages): readonly Item[] {
  return from === undefined ? messages : messages.map((item) => ({ ...item, from }));
}
