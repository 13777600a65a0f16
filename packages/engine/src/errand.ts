import type { Audience } from '@portcullis/policy';
import { NOT_NARROWED, type Triggered } from './message-triggers.ts';
import type { Draft } from './publication.ts';
import type { Message } from './publish.ts';
import type { Publisher } from './publisher.ts';

/** One message on its way to its place. */
export class Errand implements Triggered {
  readonly publisher: Publisher;
  readonly message: Message;
  /** What tells it from others, for the store. */
  readonly once: string | undefined;
  data: string;
  narrowing = NOT_NARROWED;
  ran: Triggered['ran'] = null;
  runs = 0;
  asked = 0;
  /** Decisions so far. */
  decisions = 0;
  /** For whom it was prepared. */
  prepared: Audience | null = null;

  constructor(publisher: Publisher, message: Message, once?: string) {
    this.publisher = publisher;
    this.message = message;
    this.data = message.data;
    this.once = once;
  }
}

/** What is to be given its place. */
export function draftOf({ publisher, message, data, once }: Errand, audience: Audience, logged: boolean): Draft {
  const { channel, kind, meta, customType } = message;
  const draft = { app: publisher.app.id, channel, kind, sender: publisher.sender, data, audience, logged };
  // Most messages have none of these, and a draft that is not copied is made in a tenth of the time.
  if (meta === undefined && customType === undefined && once === undefined) return draft;
  return {
    ...draft,
    ...(meta === undefined ? {} : { meta }),
    ...(customType === undefined ? {} : { customType }),
    ...(once === undefined ? {} : { once }),
  };
}
