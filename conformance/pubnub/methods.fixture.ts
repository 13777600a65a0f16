import type { Permission } from '@portcullis/policy';
import type PubNub from 'pubnub';
import { expect } from 'vitest';

/** Names of one case alone, and what was put there before. */
export interface Place {
  readonly channel: string;
  readonly group: string;
  /** The user who calls. */
  readonly user: string;
  /** A message on the channel, where `prepare` published one. */
  readonly message: string;
  /** The caller's reaction to it, where `prepare` added one. */
  readonly action: string;
  /** Id of a file named `notes.txt` on the channel, where `prepare` sent one. */
  readonly file: string;
}

export type Needs = Readonly<Partial<Record<'channels' | 'groups' | 'uuids', Permission>>>;

export interface Method {
  readonly name: string;
  /** The permission that each resource needs: the channel, the group, the user. */
  readonly needs: Needs;
  readonly call: (client: PubNub, place: Place) => Promise<unknown>;
  readonly answers: (place: Place) => unknown;
  /** What has to be there first: a message, or that and the caller's reaction; the group with the channel in it; or a file. */
  readonly after?: 'message' | 'reaction' | 'group' | 'file';
}

const read: Needs = { channels: 'read' };
const write: Needs = { channels: 'write' };
const manageGroup: Needs = { groups: 'manage' };

const timetoken = expect.stringMatching(/^\d{17}$/);
const sent = () => ({ timetoken });
const done = (more: object = {}) => expect.objectContaining({ status: 200, ...more });
const data = (content: unknown) => expect.objectContaining({ status: 200, data: content });
const said = { mood: 'ok' };
const reaction = { type: 'reaction', value: 'smile' };

const messaging: readonly Method[] = [
  { name: 'publish', needs: write, call: (c, { channel }) => c.publish({ channel, message: said }), answers: sent },
  {
    name: 'publish by POST',
    needs: write,
    call: (c, { channel }) => c.publish({ channel, message: said, sendByPost: true, meta: { a: 1 }, ttl: 1 }),
    answers: sent,
  },
  // Without a callback the SDK answers nothing here, refused or not.
  {
    name: 'fire',
    needs: write,
    call: (c, { channel }) =>
      new Promise((resolve, reject) => {
        c.fire({ channel, message: said }, (status, answer) => (status.error ? reject({ status }) : resolve(answer)));
      }),
    answers: sent,
  },
  { name: 'signal', needs: write, call: (c, { channel }) => c.signal({ channel, message: 'typing' }), answers: sent },
];

const presence: readonly Method[] = [
  {
    name: 'hereNow',
    needs: read,
    call: (c, { channel }) => c.hereNow({ channels: [channel] }),
    answers: ({ channel }) => ({
      totalChannels: 1,
      totalOccupancy: 0,
      channels: { [channel]: { name: channel, occupancy: 0, occupants: [] } },
    }),
  },
  {
    name: 'hereNow of a group',
    needs: { groups: 'read' },
    after: 'group',
    call: (c, { group }) => c.hereNow({ channelGroups: [group] }),
    answers: ({ channel }) => expect.objectContaining({ channels: { [channel]: expect.anything() } }),
  },
  {
    name: 'setState',
    needs: read,
    call: (c, { channel }) => c.setState({ channels: [channel], state: said }),
    answers: () => ({ state: said }),
  },
  {
    name: 'getState',
    needs: read,
    call: (c, { channel }) => c.getState({ channels: [channel] }),
    answers: ({ channel }) => ({ channels: { [channel]: {} } }),
  },
];

const storage: readonly Method[] = [
  {
    name: 'history',
    needs: read,
    after: 'message',
    call: (c, { channel }) => c.history({ channel, count: 10 }),
    answers: () => expect.objectContaining({ messages: [expect.objectContaining({ entry: said })] }),
  },
  {
    name: 'fetchMessages',
    needs: read,
    after: 'message',
    call: (c, { channel }) => c.fetchMessages({ channels: [channel] }),
    answers: ({ channel, message }) =>
      expect.objectContaining({
        channels: { [channel]: [expect.objectContaining({ channel, message: said, timetoken: message })] },
      }),
  },
  {
    name: 'fetchMessages with actions',
    needs: read,
    after: 'reaction',
    call: (c, { channel }) => c.fetchMessages({ channels: [channel], includeMessageActions: true }),
    answers: ({ channel, user, action }) =>
      expect.objectContaining({
        channels: {
          [channel]: [
            expect.objectContaining({
              actions: { reaction: { smile: [{ uuid: user, actionTimetoken: action }] } },
            }),
          ],
        },
      }),
  },
  {
    name: 'messageCounts',
    needs: read,
    after: 'message',
    call: (c, { channel, message }) => c.messageCounts({ channels: [channel], channelTimetokens: [message] }),
    answers: ({ channel }) => ({ channels: { [channel]: 1 } }),
  },
  {
    name: 'deleteMessages',
    needs: { channels: 'delete' },
    after: 'message',
    call: (c, { channel }) => c.deleteMessages({ channel }),
    answers: () => expect.anything(),
  },
];

const reactions: readonly Method[] = [
  {
    name: 'addMessageAction',
    needs: write,
    after: 'message',
    call: (c, { channel, message }) =>
      c.addMessageAction({ channel, messageTimetoken: message, action: { type: 'reaction', value: 'wow' } }),
    answers: ({ message }) => ({
      data: expect.objectContaining({ type: 'reaction', value: 'wow', messageTimetoken: message }),
    }),
  },
  {
    name: 'getMessageActions',
    needs: read,
    after: 'reaction',
    call: (c, { channel }) => c.getMessageActions({ channel }),
    answers: ({ user, message, action }) =>
      expect.objectContaining({
        data: [{ ...reaction, uuid: user, messageTimetoken: message, actionTimetoken: action }],
      }),
  },
  {
    name: 'removeMessageAction',
    needs: { channels: 'delete' },
    after: 'reaction',
    call: (c, { channel, message, action }) =>
      c.removeMessageAction({ channel, messageTimetoken: message, actionTimetoken: action }),
    answers: () => ({ data: {} }),
  },
];

const groups: readonly Method[] = [
  {
    name: 'channelGroups.addChannels',
    needs: { groups: 'manage', channels: 'read' },
    call: (c, { group, channel }) => c.channelGroups.addChannels({ channelGroup: group, channels: [channel] }),
    answers: () => expect.anything(),
  },
  {
    name: 'channelGroups.listChannels',
    needs: manageGroup,
    after: 'group',
    call: (c, { group }) => c.channelGroups.listChannels({ channelGroup: group }),
    answers: ({ channel }) => ({ channels: [channel] }),
  },
  {
    name: 'channelGroups.removeChannels',
    needs: manageGroup,
    after: 'group',
    call: (c, { group, channel }) => c.channelGroups.removeChannels({ channelGroup: group, channels: [channel] }),
    answers: () => expect.anything(),
  },
  {
    name: 'channelGroups.deleteGroup',
    needs: manageGroup,
    after: 'group',
    call: (c, { group }) => c.channelGroups.deleteGroup({ channelGroup: group }),
    answers: () => expect.anything(),
  },
];

const FILE = { name: 'notes.txt' };

const files: readonly Method[] = [
  {
    name: 'sendFile',
    needs: write,
    call: (c, { channel }) => c.sendFile({ channel, file: { data: 'hello', mimeType: 'text/plain', ...FILE } }),
    answers: () => expect.objectContaining({ timetoken, id: expect.any(String), ...FILE }),
  },
  {
    name: 'publishFile',
    needs: write,
    after: 'file',
    call: (c, { channel, file }) => c.publishFile({ channel, fileId: file, fileName: FILE.name, message: said }),
    answers: sent,
  },
  {
    name: 'listFiles',
    needs: read,
    after: 'file',
    call: (c, { channel }) => c.listFiles({ channel }),
    answers: ({ file }) => data([expect.objectContaining({ id: file, size: 5, ...FILE })]),
  },
  {
    name: 'downloadFile',
    needs: read,
    after: 'file',
    call: async (c, { channel, file }) => (await c.downloadFile({ channel, id: file, ...FILE })).toString('utf8'),
    answers: () => 'hello',
  },
  {
    name: 'deleteFile',
    needs: { channels: 'delete' },
    after: 'file',
    call: (c, { channel, file }) => c.deleteFile({ channel, id: file, ...FILE }),
    answers: () => done(),
  },
];

const channelObjects: readonly Method[] = [
  {
    name: 'objects.getChannelMetadata',
    needs: { channels: 'get' },
    after: 'message',
    call: (c, { channel }) => c.objects.getChannelMetadata({ channel }),
    answers: ({ channel }) => data(expect.objectContaining({ id: channel, name: 'Prepared' })),
  },
  {
    name: 'objects.setChannelMetadata',
    needs: { channels: 'update' },
    call: (c, { channel }) => c.objects.setChannelMetadata({ channel, data: { name: 'Room' } }),
    answers: ({ channel }) => data(expect.objectContaining({ id: channel, name: 'Room' })),
  },
  {
    name: 'objects.removeChannelMetadata',
    needs: { channels: 'delete' },
    call: (c, { channel }) => c.objects.removeChannelMetadata({ channel }),
    answers: () => done(),
  },
  {
    name: 'objects.getChannelMembers',
    needs: { channels: 'get' },
    call: (c, { channel }) => c.objects.getChannelMembers({ channel }),
    answers: () => data([]),
  },
  {
    name: 'objects.setChannelMembers',
    needs: { channels: 'manage' },
    call: (c, { channel, user }) => c.objects.setChannelMembers({ channel, uuids: [user] }),
    answers: ({ user }) => data([expect.objectContaining({ uuid: expect.objectContaining({ id: user }) })]),
  },
  {
    name: 'objects.removeChannelMembers',
    needs: { channels: 'manage' },
    call: (c, { channel, user }) => c.objects.removeChannelMembers({ channel, uuids: [user] }),
    answers: () => data([]),
  },
];

const userObjects: readonly Method[] = [
  {
    name: 'objects.setUUIDMetadata',
    needs: { uuids: 'update' },
    call: (c) => c.objects.setUUIDMetadata({ data: { name: 'Ada', custom: { age: 36 } } }),
    answers: ({ user }) => data(expect.objectContaining({ id: user, name: 'Ada' })),
  },
  {
    name: 'objects.getUUIDMetadata',
    needs: { uuids: 'get' },
    after: 'message',
    call: (c) => c.objects.getUUIDMetadata(),
    answers: ({ user }) => data(expect.objectContaining({ id: user, name: 'Prepared' })),
  },
  {
    name: 'objects.removeUUIDMetadata',
    needs: { uuids: 'delete' },
    call: (c) => c.objects.removeUUIDMetadata(),
    answers: () => done(),
  },
  {
    name: 'objects.getMemberships',
    needs: { uuids: 'get' },
    call: (c) => c.objects.getMemberships(),
    answers: () => data([]),
  },
  {
    name: 'objects.setMemberships',
    needs: { uuids: 'update', channels: 'join' },
    call: (c, { channel }) => c.objects.setMemberships({ channels: [channel] }),
    answers: ({ channel }) => data([expect.objectContaining({ channel: expect.objectContaining({ id: channel }) })]),
  },
  {
    name: 'objects.removeMemberships',
    needs: { uuids: 'update', channels: 'join' },
    call: (c, { channel }) => c.objects.removeMemberships({ channels: [channel] }),
    answers: () => data([]),
  },
];

/** Every call of the SDK that needs a permission here, and which: the vendor's "operations to permissions mapping". */
export const METHODS: readonly Method[] = [
  ...messaging,
  ...presence,
  ...storage,
  ...reactions,
  ...groups,
  ...files,
  ...channelObjects,
  ...userObjects,
];

export interface ServerMethod {
  readonly name: string;
  readonly call: (client: PubNub) => Promise<unknown>;
  readonly answers: unknown;
}

/** Calls over all there is: no permission covers them, and they are for servers. */
export const FOR_SERVERS: readonly ServerMethod[] = [
  {
    name: 'hereNow of everything',
    call: (c) => c.hereNow({}),
    answers: expect.objectContaining({ channels: expect.any(Object) }),
  },
  {
    name: 'channelGroups.listGroups',
    call: (c) => c.channelGroups.listGroups(),
    answers: { groups: expect.any(Array) },
  },
  { name: 'objects.getAllUUIDMetadata', call: (c) => c.objects.getAllUUIDMetadata(), answers: data(expect.any(Array)) },
  {
    name: 'objects.getAllChannelMetadata',
    call: (c) => c.objects.getAllChannelMetadata(),
    answers: data(expect.any(Array)),
  },
];
