import type { EnvelopeSpec } from '../spec.ts';
import type { Item, Parcel } from './parcel.ts';
import { vendorBody } from './vendor.ts';

export interface ParcelOptions {
  readonly envelope: EnvelopeSpec;
  /** Several may come at once: then even one comes as a list of one. */
  readonly batched: boolean;
  readonly subscribeKey: string;
}

/** Writes events as the action’s envelope has it. The event's own text goes in as it is: nothing in it changes on the way. */
export function writeParcel(items: readonly Item[], { envelope, batched, subscribeKey }: ParcelOptions): Parcel {
  const [first] = items;
  if (!first) throw new Error('a parcel holds at least one event');
  const id = items.length === 1 ? first.event.id : `${first.event.id}.${items.length}`;
  switch (envelope.form) {
    case 'event':
      return {
        id,
        items,
        contentType: 'application/json',
        body: list(
          items.map(({ text }) => text),
          batched,
        ),
      };
    case 'cloudevents': {
      const contentType = batched ? 'application/cloudevents-batch+json' : 'application/cloudevents+json';
      return { id, items, contentType, body: list(items.map(cloudEvent), batched) };
    }
    case 'pubnub-1.0':
    case 'pubnub-2.0':
    case 'pubnub-2.1':
      return { id, items, contentType: 'application/json', body: vendorBody(items, envelope, subscribeKey) };
  }
}

const list = (texts: readonly string[], batched: boolean): string => (batched ? `[${texts.join()}]` : (texts[0] ?? ''));

/** CloudEvents 1.0, structured mode. App, channel and code are extension attributes, so that brokers can route by them. */
function cloudEvent({ event, text }: Item): string {
  const { id, type, at, app, channel, code } = event;
  const attributes = JSON.stringify({
    specversion: '1.0',
    id,
    source: `/apps/${encodeURIComponent(app)}`,
    type,
    time: new Date(at).toISOString(),
    ...(channel === undefined ? {} : { subject: channel, channel }),
    app,
    ...(code === undefined ? {} : { code }),
    datacontenttype: 'application/json',
  });
  return `${attributes.slice(0, -1)},"data":${text}}`;
}
