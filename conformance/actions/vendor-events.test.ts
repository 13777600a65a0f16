import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { GrantHouse } from '../pubnub/grant-house.fixture.ts';
import { FlappingHook, SECRET } from './flapping-hook.ts';

/** What the vendor's SDK does, as webhooks are told of it: one in our envelope, one in the vendor's. */
const TYPES = '[reaction.*, file.sent, signal.sent, user.*, channel.*, membership.*]';
const SCHEMA = (id: string) => `pubnub.com/schemas/events/${id}?v=1.0.0`;

interface Ours {
  readonly type: string;
  readonly channel?: string;
  readonly principal: { readonly user: string; readonly claimedUser: string };
  readonly data: Readonly<Record<string, unknown>>;
}
interface Vendors {
  readonly dataSchema: string;
  readonly data: readonly Readonly<Record<string, unknown>>[];
}

let house: GrantHouse;
const [ours, vendors] = [new FlappingHook(), new FlappingHook()];

beforeAll(async () => {
  ours.failing = 0;
  vendors.failing = 0;
  const [own, vendor] = [await ours.open(), await vendors.open()];
  const listener = (name: string, url: string, envelope: string) =>
    `      - { name: ${name}, on: ${TYPES}, do: [ { webhook: { url: "${url}", secret: ${SECRET} }, envelope: ${envelope} } ] }\n`;
  house = await GrantHouse.open('{ rules: off, grants: on }', '[]', {
    app: `    actions:\n${listener('ours', own, 'event')}${listener('vendors', vendor, 'pubnub-2.1')}`,
    env: { PORTCULLIS_SERVER_OUTBOUND_PRIVATE: 'allow' },
  });
});
afterAll(async () => {
  await house?.close();
  await Promise.all([ours.close(), vendors.close()]);
});
afterEach(() => {
  house.sendAllAway();
  for (const hook of [ours, vendors]) hook.taken.length = 0;
});

/** Both hooks were told of this, in its order; each kind, with what it says, and nothing else. */
async function told(expected: readonly (readonly [ours: object, vendors: object])[]): Promise<void> {
  const count = expected.length;
  await expect.poll(() => [ours.taken.length, vendors.taken.length], { timeout: 15_000 }).toEqual([count, count]);
  expect(ours.taken as unknown as Ours[]).toMatchObject(expected.map(([own]) => own));
  expect(vendors.taken as unknown as Vendors[]).toMatchObject(expected.map(([, vendor]) => vendor));
  expect([ours.forged, vendors.forged]).toEqual([0, 0]);
}

const item = (schema: string, fields: object) => ({ dataSchema: SCHEMA(schema), data: [fields] });
const UNDER = {
  subKey: expect.stringMatching(/^sub-/),
  id: expect.any(String),
  timestamp: expect.stringMatching(/Z$/),
};

it('a reaction that is added and taken back', async () => {
  const channel = 'reactions';
  const ann = house.client(
    'ann',
    house.mint({ channels: { [channel]: ['read', 'write', 'delete'] } }, { user: 'ann' }),
  );
  const { timetoken: messageTimetoken } = await ann.publish({ channel, message: 'hi' });
  const action = { type: 'reaction', value: 'smile' };
  const { data } = await ann.addMessageAction({ channel, messageTimetoken: String(messageTimetoken), action });
  const { actionTimetoken } = data;
  await ann.removeMessageAction({ channel, messageTimetoken: String(messageTimetoken), actionTimetoken });
  const about = { messageTimetoken: String(messageTimetoken), ...action };
  const own = { channel, principal: { user: 'ann' }, data: { ...about, timetoken: actionTimetoken } };
  const vendor = { ...UNDER, channel, userId: 'ann', ...about };
  await told([
    [{ ...own, type: 'reaction.added' }, item('messages.action.created', vendor)],
    [{ ...own, type: 'reaction.removed' }, item('messages.action.deleted', vendor)],
  ]);
});

it('a file and a signal', async () => {
  const channel = 'files';
  const ann = house.client('ann', house.mint({ channels: { [channel]: ['read', 'write'] } }, { user: 'ann' }));
  const data = { data: Buffer.from('hello'), name: 'note.txt', mimeType: 'text/plain' };
  const { id, name, timetoken } = await ann.sendFile({ channel, file: data, message: { look: true }, meta: { m: 1 } });
  const { timetoken: signalled } = await ann.signal({ channel, message: 'typing' });
  const message = { message: { look: true }, file: { id, name } };
  const by = { channel, senderId: 'ann', timestamp: UNDER.timestamp };
  const own = { channel, principal: { user: 'ann' } };
  await told([
    [
      { ...own, type: 'file.sent', data: { message, meta: { m: 1 }, timetoken } },
      item('messages.pubsub.publish', { ...by, message, meta: { m: 1 }, timetoken, fileId: id, fileName: name }),
    ],
    [
      { ...own, type: 'signal.sent', data: { message: 'typing', meta: null, timetoken: signalled } },
      item('messages.pubsub.publish', { ...by, message: 'typing', meta: null, timetoken: signalled }),
    ],
  ]);
});

it('metadata of a user, from its first word to its last', async () => {
  const { objects } = house.backend();
  const uuid = 'bo';
  const first = await objects.setUUIDMetadata({
    uuid,
    data: { name: 'Bo', email: 'bo@x', profileUrl: 'p', custom: { n: 1 } },
  });
  const second = await objects.setUUIDMetadata({ uuid, data: { name: 'Bob' } });
  await objects.removeUUIDMetadata({ uuid });
  const own = { principal: { kind: 'server', claimedUser: 'backend' } };
  const vendor = { ...UNDER, userId: uuid };
  const said = { name: 'Bo', email: 'bo@x', profileUrl: 'p', custom: { n: 1 } };
  await told([
    [
      { ...own, type: 'user.created', data: { id: uuid, fields: said, etag: first.data.eTag } },
      item('user.created', { ...vendor, ...said, eTag: first.data.eTag }),
    ],
    [
      { ...own, type: 'user.updated', data: { id: uuid, fields: { name: 'Bob' }, etag: second.data.eTag } },
      item('user.updated', { ...vendor, eTag: second.data.eTag, fields: { name: 'Bob' } }),
    ],
    [{ ...own, type: 'user.deleted', data: { id: uuid } }, item('user.deleted', vendor)],
  ]);
  const [, , deleted] = vendors.taken as unknown as Vendors[];
  expect(Object.keys(deleted?.data[0] ?? {}).sort()).toEqual(['id', 'subKey', 'timestamp', 'userId']);
});

it('metadata of a channel, and the memberships in it', async () => {
  const { objects } = house.backend();
  const channel = 'lobby';
  await objects.setChannelMetadata({ channel, data: { name: 'Lobby', description: 'all' } });
  await objects.setChannelMetadata({ channel, data: { name: 'Hall' } });
  await objects.setMemberships({ uuid: 'cy', channels: [{ id: channel, custom: { role: 'host' } }] });
  await objects.setMemberships({ uuid: 'cy', channels: [{ id: channel, custom: { role: 'guest' } }] });
  await objects.removeMemberships({ uuid: 'cy', channels: [channel] });
  await objects.removeChannelMetadata({ channel });
  const about = { ...UNDER, channelId: channel };
  const member = { ...about, userId: 'cy' };
  const own = (type: string, data: object) => ({ type, channel, data });
  await told([
    [
      own('channel.created', { id: channel, fields: { name: 'Lobby', description: 'all' } }),
      item('channel.created', { ...about, name: 'Lobby', description: 'all', eTag: expect.any(String) }),
    ],
    [
      own('channel.updated', { id: channel, fields: { name: 'Hall' } }),
      item('channel.updated', { ...about, eTag: expect.any(String), fields: { name: 'Hall' } }),
    ],
    [
      own('membership.created', { user: 'cy', fields: { custom: { role: 'host' } } }),
      item('membership.created', { ...member, custom: { role: 'host' }, eTag: expect.any(String) }),
    ],
    [
      own('membership.updated', { user: 'cy', fields: { custom: { role: 'guest' } } }),
      item('membership.updated', { ...member, fields: { custom: { role: 'guest' } } }),
    ],
    [own('membership.deleted', { user: 'cy' }), item('membership.deleted', member)],
    [own('channel.deleted', { id: channel }), item('channel.deleted', about)],
  ]);
});
