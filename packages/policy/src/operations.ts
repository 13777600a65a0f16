import type { Features } from './access.ts';
import type { GrantSection, Permission } from './grant/grant.ts';

/**
 * What the channel gate asks of an operation.
 * - `none`: nothing.
 * - `join`: a rule applies and admits this kind of client.
 * - `send`: joined, and the switch of the audience.
 * - `presence`: joined, and the rule offers presence.
 * - `history`: may join, and the rule keeps history.
 * - `item`: as `history`, and the item's audience holds the asker.
 * - `receive`: joined, and the item's audience holds the asker.
 * - `no-switch`: no switch of a rule speaks of it. With rules on and grants off it is for servers.
 * - `own`: as `no-switch`, but a proven user may do it to what is its own.
 * - `server`: for servers, whatever the gates say.
 */
export type ChannelNeed =
  | 'none'
  | 'join'
  | 'send'
  | 'presence'
  | 'history'
  | 'item'
  | 'receive'
  | 'no-switch'
  | 'own'
  | 'server';

/** What the bearer gate asks: a permission on a resource of the grant. */
export interface BearerNeed {
  readonly section: GrantSection;
  readonly permission: Permission;
  /** The resource: the name asked for, or its `-pnpres` twin. */
  readonly on: 'name' | 'pnpres';
}

/** What `request.name` is: `channel` parses as a channel name; the others only where a door offers them. */
export type NameKind =
  | 'none'
  | 'channel'
  /** `x-pnpres`. */
  | 'presence'
  /** `x.*` or `x.*-pnpres`. */
  | 'wildcard'
  /** `x` or `x-pnpres`, reached through a group or wildcard. */
  | 'member'
  /** A group, or a group's `-pnpres` twin. */
  | 'group'
  | 'user';

export interface OperationRow {
  readonly summary: string;
  readonly name: NameKind;
  readonly channel: ChannelNeed;
  readonly bearer: BearerNeed | null;
  /** The features that offer it: all of them have to be on. */
  readonly features: readonly (keyof Features)[];
  /** What it changes belongs to one user (`request.subject`), who alone may change it. */
  readonly ownOnly: boolean;
  /** May be reached through a group or wildcard (`request.via`), whose permission then counts. */
  readonly via: boolean;
  /** Done to a stored item: where it is known (`request.audience`), its audience has to hold the asker. */
  readonly ofItem: boolean;
}

interface Draft {
  readonly name?: NameKind;
  readonly bearer?: BearerNeed;
  readonly feature?: keyof Features | readonly (keyof Features)[];
  readonly ownOnly?: boolean;
  readonly via?: boolean;
  readonly ofItem?: boolean;
}

const op = (summary: string, channel: ChannelNeed, draft: Draft = {}): OperationRow => ({
  summary,
  name: draft.name ?? 'channel',
  channel,
  bearer: draft.bearer ?? null,
  features: [draft.feature ?? []].flat(),
  ownOnly: draft.ownOnly ?? false,
  via: draft.via ?? false,
  ofItem: draft.ofItem ?? false,
});
const channel = (permission: Permission): BearerNeed => ({ section: 'channels', permission, on: 'name' });
const pnpres: BearerNeed = { section: 'channels', permission: 'read', on: 'pnpres' };
const group = (permission: Permission): BearerNeed => ({ section: 'groups', permission, on: 'name' });
const user = (permission: Permission): BearerNeed => ({ section: 'uuids', permission, on: 'name' });

/**
 * Everything a client can ask for, and what it needs: the one table (`authority.md` §2; permissions as PubNub's
 * "operations to permissions mapping"). `docs/operations.md` is written from it.
 */
export const OPERATIONS = {
  connect: op('Open a connection.', 'none', { name: 'none' }),
  time: op('Read the server’s time.', 'none', { name: 'none' }),
  join: op('Join a channel.', 'join', { bearer: channel('read') }),
  leave: op('Leave a channel.', 'none'),
  publish: op('Send a message to an audience of a channel.', 'send', { bearer: channel('write') }),
  receive: op('Get one live item.', 'receive', { bearer: channel('read'), via: true }),
  roster: op('Get a channel’s roster and its updates.', 'presence', { bearer: pnpres, feature: 'presence' }),
  history: op('Read a channel’s history.', 'history', { bearer: channel('read'), feature: 'history' }),
  'history.item': op('Get one stored item.', 'item', { bearer: channel('read'), feature: 'history' }),
  event: op('Send a server event.', 'server'),

  subscribe: op('Subscribe to a channel.', 'join', { bearer: channel('read') }),
  'subscribe.presence': op('Subscribe to a channel’s presence events.', 'presence', {
    name: 'presence',
    bearer: channel('read'),
    feature: 'presence',
  }),
  'subscribe.wildcard': op('Subscribe to a wildcard name.', 'none', {
    name: 'wildcard',
    bearer: channel('read'),
    feature: 'wildcards',
  }),
  'subscribe.group': op('Subscribe to a channel group.', 'none', {
    name: 'group',
    bearer: group('read'),
    feature: 'groups',
  }),
  'subscribe.member': op('Subscribe to a channel that a group or wildcard holds.', 'join', {
    name: 'member',
    bearer: channel('read'),
    via: true,
  }),
  heartbeat: op('Stay present on a channel.', 'join', { bearer: channel('read'), via: true }),
  fire: op('Send a message to triggers and actions alone.', 'send', { bearer: channel('write') }),
  signal: op('Send a signal.', 'send', { bearer: channel('write'), feature: 'signals' }),

  'here-now': op('Read who is on a channel.', 'presence', {
    bearer: channel('read'),
    feature: 'presence',
    via: true,
  }),
  'here-now.global': op('Read who is on any channel.', 'no-switch', {
    name: 'none',
    feature: ['presence', 'globalHereNow'],
  }),
  'where-now': op('Read which channels a user is on; each is decided as here-now.', 'none', {
    name: 'user',
    feature: 'presence',
  }),
  'state.get': op('Read a user’s state on a channel.', 'presence', {
    bearer: channel('read'),
    feature: 'presence',
    via: true,
  }),
  'state.set': op('Set one’s state on a channel.', 'presence', {
    bearer: channel('read'),
    feature: 'presence',
    ownOnly: true,
    via: true,
  }),

  'messages.count': op('Count messages.', 'history', { bearer: channel('read'), feature: 'history' }),
  'messages.delete': op('Delete messages from history.', 'no-switch', {
    bearer: channel('delete'),
    feature: 'deleteHistory',
  }),
  'reactions.add': op('Add a reaction to a message.', 'send', {
    bearer: channel('write'),
    feature: 'reactions',
    ofItem: true,
  }),
  'reactions.get': op('Read reactions.', 'history', { bearer: channel('read'), feature: 'reactions' }),
  'reactions.remove': op('Remove one’s reaction.', 'own', {
    bearer: channel('delete'),
    feature: 'reactions',
    ownOnly: true,
    ofItem: true,
  }),
  'files.send': op('Upload a file and publish it.', 'send', { bearer: channel('write'), feature: 'files' }),
  'files.list': op('List files.', 'history', { bearer: channel('read'), feature: 'files' }),
  'files.download': op('Download a file.', 'history', { bearer: channel('read'), feature: 'files' }),
  'files.delete': op('Delete a file.', 'no-switch', { bearer: channel('delete'), feature: 'files' }),

  'groups.add': op('Add channels to a group; each is decided as groups.add-channel.', 'no-switch', {
    name: 'group',
    bearer: group('manage'),
    feature: 'groups',
  }),
  'groups.add-channel': op('Be one of the channels that are added to a group.', 'join', {
    bearer: channel('read'),
    feature: 'groups',
  }),
  'groups.remove': op('Remove channels from a group.', 'no-switch', {
    name: 'group',
    bearer: group('manage'),
    feature: 'groups',
  }),
  'groups.list': op('List the channels of a group.', 'no-switch', {
    name: 'group',
    bearer: group('manage'),
    feature: 'groups',
  }),
  'groups.delete': op('Delete a group.', 'no-switch', { name: 'group', bearer: group('manage'), feature: 'groups' }),
  'groups.list-all': op('List all groups.', 'no-switch', { name: 'none', feature: ['groups', 'listAll'] }),

  'channel-metadata.get': op('Read a channel’s metadata.', 'no-switch', {
    bearer: channel('get'),
    feature: 'appContext',
  }),
  'channel-metadata.set': op('Change a channel’s metadata.', 'no-switch', {
    bearer: channel('update'),
    feature: 'appContext',
  }),
  'channel-metadata.remove': op('Remove a channel’s metadata.', 'no-switch', {
    bearer: channel('delete'),
    feature: 'appContext',
  }),
  'channel-metadata.list': op('List all channels’ metadata.', 'no-switch', {
    name: 'none',
    feature: ['appContext', 'listAll'],
  }),
  'members.get': op('List the members of a channel.', 'no-switch', { bearer: channel('get'), feature: 'appContext' }),
  'members.set': op('Set or remove members of a channel.', 'no-switch', {
    bearer: channel('manage'),
    feature: 'appContext',
  }),
  'user-metadata.get': op('Read a user’s metadata.', 'own', {
    name: 'user',
    bearer: user('get'),
    feature: 'appContext',
  }),
  'user-metadata.set': op('Change a user’s metadata.', 'own', {
    name: 'user',
    bearer: user('update'),
    feature: 'appContext',
  }),
  'user-metadata.remove': op('Remove a user’s metadata.', 'own', {
    name: 'user',
    bearer: user('delete'),
    feature: 'appContext',
  }),
  'user-metadata.list': op('List all users’ metadata.', 'no-switch', {
    name: 'none',
    feature: ['appContext', 'listAll'],
  }),
  'memberships.get': op('List a user’s memberships.', 'own', {
    name: 'user',
    bearer: user('get'),
    feature: 'appContext',
  }),
  'memberships.set': op('Set or remove a user’s memberships; each channel is decided as memberships.channel.', 'own', {
    name: 'user',
    bearer: user('update'),
    feature: 'appContext',
  }),
  'memberships.channel': op('Be one of the channels of a membership that is set or removed.', 'join', {
    bearer: channel('join'),
    feature: 'appContext',
  }),

  grant: op('Mint a permission token.', 'server', { name: 'none' }),
  revoke: op('Revoke a permission token.', 'server', { name: 'none', feature: 'revoke' }),
  audit: op('Read what was granted.', 'server', { name: 'none' }),
} as const satisfies Record<string, OperationRow>;

export type Operation = keyof typeof OPERATIONS;

/** The table without its literal types, for code that treats all rows alike. */
export const operationRow = (operation: Operation): OperationRow => OPERATIONS[operation];

const ROWS: ReadonlyMap<string, OperationRow> = new Map(Object.entries(OPERATIONS));

/** The row of what may be no operation. */
export const rowNamed = (text: string): OperationRow | undefined => ROWS.get(text);

export function isOperation(text: string): text is Operation {
  return ROWS.has(text);
}
