import type { Publication, PublicationKind, Sender } from '@portcullis/engine';
import { presenceEvent, wireChannel } from './presence-event.ts';

/** What envelopes say of where they come from. */
export interface Postmark {
  readonly region: number;
  readonly subscribeKey: string;
}

/** Absent for messages and presence: clients take a 0 for a file. */
const TYPE: Readonly<Record<PublicationKind, number | undefined>> = {
  message: undefined,
  event: undefined,
  presence: undefined,
  signal: 1,
  object: 2,
  action: 3,
  file: 4,
};

/** The publisher of what a backend sends. */
const SERVER = 'server';

/**
 * One item of an answer to a poll, without its end: `"b"` and the closing brace differ by the name that matched. The
 * fields are those of the vendor's subscribe v2.
 */
export function envelopeStart(publication: Publication, { region, subscribeKey }: Postmark): string {
  const { kind, sender, timetoken, customType } = publication;
  const type = TYPE[kind];
  const event = kind === 'presence' ? presenceEvent(publication) : undefined;
  const meta = event ? JSON.stringify(event.meta) : publication.meta;
  const publisher = kind === 'presence' || kind === 'object' ? undefined : publisherOf(sender);
  return [
    '{"a":"1","f":0',
    type === undefined ? '' : `,"e":${type}`,
    publisher === undefined ? '' : `,"i":${JSON.stringify(publisher)}`,
    `,"p":{"t":"${timetoken}","r":${region}},"k":${JSON.stringify(subscribeKey)}`,
    `,"c":${JSON.stringify(wireChannel(publication))},"d":${event?.data ?? publication.data}`,
    meta === undefined ? '' : `,"u":${meta}`,
    customType === undefined ? '' : `,"cmt":${JSON.stringify(customType)}`,
  ].join('');
}

export function envelopeEnd(subscription: string): string {
  return `,"b":${JSON.stringify(subscription)}}`;
}

export function publisherOf(sender: Sender | null): string {
  if (sender === null) return SERVER;
  if (sender.user !== '') return sender.user;
  if (sender.claimed !== undefined) return sender.claimed;
  return sender.session === '' ? 'anonymous' : `anon-${sender.session}`;
}
