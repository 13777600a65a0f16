import type { JsonObject } from '@portcullis/policy';
import { type AppEvent, schemaOf } from '../event.ts';
import type { EnvelopeSpec } from '../spec.ts';
import type { Item } from './parcel.ts';
import { vendorItem } from './vendor-item.ts';

/** Events as the vendor's listeners write them. Those of one schema share one `data`; of several, a list of such. */
export function vendorBody(items: readonly Item[], envelope: EnvelopeSpec, subscribeKey: string): string {
  const bySchema = new Map<string, AppEvent[]>();
  for (const { event } of items) {
    const schema = schemaOf(event.type);
    bySchema.set(schema, [...(bySchema.get(schema) ?? []), event]);
  }
  const bodies = [...bySchema].flatMap(([schema, events]) => bodiesOf(schema, events, envelope, subscribeKey));
  return JSON.stringify(bodies.length === 1 ? bodies[0] : bodies);
}

const SCHEMA_OF_ENVELOPES = 'https://www.pubnub.com/schemas/edp.ena.event?schema-instance+json';

function bodiesOf(schema: string, events: readonly AppEvent[], { form, enveloped }: EnvelopeSpec, key: string) {
  const id = schema.startsWith('portcullis.') ? schema : `pubnub.com/schemas/events/${schema}?v=1.0.0`;
  const data = events.map((event) => vendorItem(event, form, key));
  const [first] = events;
  if (form === 'pubnub-1.0') {
    if (!enveloped) return [{ schema: id, data }];
    if (schema === 'messages.pubsub.publish') return events.map((event) => firstEnvelope(event, key));
    const payload = { schema: id, data };
    return [{ schema: SCHEMA_OF_ENVELOPES, event: { id: first?.id ?? '', timestamp: iso(first), payload } }];
  }
  if (!enveloped) return [{ dataSchema: id, data }];
  return [{ event: { id: first?.id ?? '', timestamp: iso(first), payload: { dataSchema: id, data } } }];
}

/** The oldest form, of messages alone. */
function firstEnvelope(event: AppEvent, subscribeKey: string): JsonObject {
  const { message = null, meta = null, timetoken = '' } = event.data;
  return {
    event: {
      channel: event.channel ?? '',
      eventCategory: 'message',
      eventType: 'message.publish',
      eventId: event.id,
      eventPayload: { message, meta },
      iso8601timestamp: iso(event),
      subscribeKey,
      timetoken,
      senderId: event.principal.user || event.principal.claimedUser,
    },
  };
}

const iso = (event: Pick<AppEvent, 'at'> | undefined): string => new Date(event?.at ?? 0).toISOString();
