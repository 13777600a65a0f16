import type { Happening } from '@portcullis/engine';
import { ANONYMOUS } from '@portcullis/policy';
import { expect, test } from 'vitest';
import { draftEvent } from '../event.ts';
import type { EnvelopeSpec } from '../spec.ts';
import { writeParcel } from './write-parcel.ts';

const ANN = { kind: 'user', user: 'ann', table: 7, row: 'r', extras: { name: 'Ann' }, credentials: [] } as const;

const MESSAGE: Happening = {
  type: 'message.published',
  principal: ANN,
  channel: 'room/1',
  data: { timetoken: '17642345678901237', position: null },
  texts: { message: '{"big":12345678901234567890,"text":"ü"}', meta: 'null' },
};

function itemOf(happening: Happening, id = 'evt-1') {
  const { text, event } = draftEvent(happening, { id, at: 1_764_000_000_000, app: 'a' });
  return { text, event: event() };
}

function write(
  form: EnvelopeSpec['form'],
  enveloped: boolean,
  happenings: readonly Happening[] = [MESSAGE],
  batched = false,
) {
  const items = happenings.map((happening, at) => itemOf(happening, `evt-${at + 1}`));
  return writeParcel(items, { envelope: { form, enveloped }, batched, subscribeKey: 'sub-a' });
}

const read = (parcel: { readonly body: string }) => JSON.parse(parcel.body);

test('an event carries its id, type, time, app, channel and principal, and its payload as it came', () => {
  const { body } = write('event', false);
  expect(body).toContain('"message":{"big":12345678901234567890,"text":"ü"}');
  expect(JSON.parse(body)).toMatchObject({
    id: 'evt-1',
    type: 'message.published',
    at: 1_764_000_000_000,
    app: 'a',
    channel: 'room/1',
    principal: { kind: 'user', user: 'ann', claimedUser: '', dbo: 7, row: 'r', extras: { name: 'Ann' }, grant: null },
    data: { timetoken: '17642345678901237', meta: null },
  });
});

test('a CloudEvent is one of version 1.0, with the event as its data', () => {
  const parcel = write('cloudevents', false);
  expect(parcel.contentType).toBe('application/cloudevents+json');
  expect(read(parcel)).toMatchObject({
    specversion: '1.0',
    id: 'evt-1',
    source: '/apps/a',
    type: 'message.published',
    time: '2025-11-24T16:00:00.000Z',
    subject: 'room/1',
    channel: 'room/1',
    app: 'a',
    datacontenttype: 'application/json',
    data: { id: 'evt-1', type: 'message.published', principal: { user: 'ann' } },
  });
  const denied: Happening = { type: 'access.denied', principal: ANONYMOUS, code: 'grant.none', data: {} };
  expect(read(write('cloudevents', false, [denied]))).toMatchObject({ code: 'grant.none', type: 'access.denied' });
  expect(read(write('cloudevents', false, [denied]))).not.toHaveProperty('subject');
});

test('several CloudEvents come as a batch, under an id that is the same when it is tried again', () => {
  const parcel = write('cloudevents', false, [MESSAGE, MESSAGE], true);
  expect([parcel.contentType, parcel.id]).toEqual(['application/cloudevents-batch+json', 'evt-1.2']);
  expect(read(parcel).map(({ id }: { id: string }) => id)).toEqual(['evt-1', 'evt-2']);
  expect(read(write('cloudevents', false, [MESSAGE], true))).toHaveLength(1);
});

const ITEM = {
  timestamp: '2025-11-24T16:00:00.000Z',
  message: JSON.parse(MESSAGE.texts?.message ?? ''),
  meta: null,
  senderId: 'ann',
  timetoken: '17642345678901237',
};
const SCHEMA = 'pubnub.com/schemas/events/messages.pubsub.publish?v=1.0.0';

test('the vendor’s envelopes, each version with and without its outer layer', () => {
  expect(read(write('pubnub-2.1', false))).toEqual({ dataSchema: SCHEMA, data: [{ ...ITEM, channel: 'room/1' }] });
  expect(read(write('pubnub-2.0', false))).toEqual({ dataSchema: SCHEMA, data: [ITEM] });
  expect(read(write('pubnub-1.0', false))).toEqual({ schema: SCHEMA, data: [ITEM] });
  expect(read(write('pubnub-2.1', true))).toEqual({
    event: {
      id: 'evt-1',
      timestamp: ITEM.timestamp,
      payload: { dataSchema: SCHEMA, data: [{ ...ITEM, channel: 'room/1' }] },
    },
  });
  expect(read(write('pubnub-1.0', true))).toEqual({
    event: {
      channel: 'room/1',
      eventCategory: 'message',
      eventType: 'message.publish',
      eventId: 'evt-1',
      eventPayload: { message: ITEM.message, meta: null },
      iso8601timestamp: ITEM.timestamp,
      subscribeKey: 'sub-a',
      timetoken: ITEM.timetoken,
      senderId: 'ann',
    },
  });
});

test('the vendor’s items of other sources have the fields it documents', () => {
  const one = (happening: Partial<Happening>) =>
    read(write('pubnub-2.1', false, [{ ...MESSAGE, texts: {}, ...happening }])).data[0];
  expect(one({ type: 'presence.joined', data: { occupancy: 3, state: { mood: 'x' } } })).toMatchObject({
    channel: 'room/1',
    userId: 'ann',
    occupancy: 3,
    data: { action: 'join', uuid: 'ann', occupancy: '3', data: '{"mood":"x"}' },
  });
  expect(one({ type: 'channel.active', data: {} })).toMatchObject({ channel: 'room/1', subKey: 'sub-a' });
  expect(one({ type: 'user.updated', data: { id: 'ann', fields: { name: 'A' }, etag: 'e' } })).toMatchObject({
    userId: 'ann',
    eTag: 'e',
    fields: { name: 'A' },
  });
  expect(one({ type: 'channel.created', data: { id: 'c', fields: { name: 'C' }, etag: 'e' } })).toMatchObject({
    channelId: 'c',
    name: 'C',
  });
  expect(one({ type: 'membership.deleted', data: { user: 'ann' } })).toEqual({
    id: 'evt-1',
    subKey: 'sub-a',
    timestamp: ITEM.timestamp,
    channelId: 'room/1',
    userId: 'ann',
  });
  const file = { message: '{"file":{"id":"f1","name":"a.png"}}', meta: 'null' };
  expect(one({ type: 'file.sent', texts: file })).toMatchObject({ fileId: 'f1', fileName: 'a.png' });
  expect(one({ type: 'reaction.added', data: { messageTimetoken: '1', type: 'r', value: 'v' } })).toMatchObject({
    messageTimetoken: '1',
    type: 'r',
    value: 'v',
    userId: 'ann',
  });
});

test('events of several schemas in one parcel come as a list of the vendor’s bodies', () => {
  const joined: Happening = { type: 'presence.joined', principal: ANN, channel: 'c', data: {} };
  const bodies = read(write('pubnub-2.1', false, [MESSAGE, joined, MESSAGE], true));
  expect(bodies.map(({ data }: { data: unknown[] }) => data.length)).toEqual([2, 1]);
});
