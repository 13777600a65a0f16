import { eventRow } from '@portcullis/engine';
import type { Json, JsonObject } from '@portcullis/policy';
import type { AppEvent } from '../event.ts';
import type { EnvelopeSpec } from '../spec.ts';

/** One item of `data`, with the fields that the vendor documents for its schema. Events of our own go as they are. */
export function vendorItem(event: AppEvent, form: EnvelopeSpec['form'], subKey: string): JsonObject {
  const { id, type, at, channel = '', principal, data } = event;
  const userId = principal.user || principal.claimedUser;
  const timestamp = new Date(at).toISOString();
  const base = { id, subKey, timestamp };
  switch (eventRow(type).source) {
    case 'messages':
      return type.startsWith('reaction.')
        ? { ...base, channel, userId, ...pick(data, ['messageTimetoken', 'type', 'value']) }
        : messageItem(event, { timestamp, senderId: userId, withChannel: form === 'pubnub-2.1' });
    case 'presence':
      if (type === 'presence.counted') {
        const { occupancy = 0, joined = [], left = [] } = data;
        return { ...base, channel, occupancy, usersJoined: joined, usersLeft: left };
      }
      return { ...base, channel, userId, occupancy: data.occupancy ?? 0, data: presenceData(event, userId) };
    case 'users':
      return { ...base, userId: data.id ?? '', ...described(event) };
    case 'channels':
      if (type === 'channel.active' || type === 'channel.inactive') return { ...base, channel };
      return { ...base, channelId: data.id ?? '', ...described(event) };
    case 'memberships':
      return { ...base, channelId: channel, userId: data.user ?? '', ...described(event) };
    case 'access':
    case 'automation':
      return { ...event } as unknown as JsonObject;
  }
}

interface MessageFacts {
  readonly timestamp: string;
  readonly senderId: string;
  readonly withChannel: boolean;
}

function messageItem(
  { type, channel = '', data }: AppEvent,
  { timestamp, senderId, withChannel }: MessageFacts,
): JsonObject {
  const { message = null, meta = null, timetoken = '' } = data;
  return {
    timestamp,
    message,
    meta,
    senderId,
    ...(withChannel ? { channel } : {}),
    timetoken,
    ...(type === 'file.sent' ? fileFields(message) : {}),
  };
}

function fileFields(message: Json): JsonObject {
  const file = typeof message === 'object' && message !== null && 'file' in message ? message.file : undefined;
  const { id = '', name = '' } = (typeof file === 'object' ? file : {}) as JsonObject;
  return { fileId: id, fileName: name };
}

const ACTIONS: Readonly<Record<string, string>> = {
  'presence.joined': 'join',
  'presence.left': 'leave',
  'presence.timed-out': 'timeout',
  'presence.state-changed': 'state-change',
};

/** The vendor writes all of these as strings. */
function presenceData({ type, at, data }: AppEvent, uuid: string): JsonObject {
  return {
    action: ACTIONS[type] ?? type,
    uuid,
    timestamp: String(Math.floor(at / 1_000)),
    precise_timestamp: String(at),
    occupancy: String(data.occupancy ?? 0),
    ...(data.state === undefined ? {} : { data: JSON.stringify(data.state) }),
  };
}

/** Of a deletion, ids alone; of a change, what it says now as `fields`; of something new, its fields beside the ids. */
function described({ type, data }: AppEvent): JsonObject {
  if (type.endsWith('.deleted')) return {};
  const fields = (data.fields ?? {}) as JsonObject;
  const eTag = data.etag ?? '';
  return type.endsWith('.updated') ? { eTag, fields } : { eTag, ...fields };
}

const pick = (data: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(names.map((name) => [name, data[name] ?? null]));
