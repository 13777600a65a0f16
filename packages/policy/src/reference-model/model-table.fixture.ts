import type { Features } from '../access.ts';
import type { Permission } from '../grant/grant.ts';

/** The operations, written a second time from the specification's table: which switch, which permission on what. */

export type ModelSwitch =
  | 'free'
  | 'join'
  | 'send'
  | 'presence'
  | 'history'
  | 'stored item'
  | 'live item'
  | 'no switch'
  | 'own or no switch'
  | 'server';

export type ModelName = 'nothing' | 'channel' | 'presence' | 'wildcard' | 'member' | 'group' | 'user';

export interface ModelOperation {
  readonly names: ModelName;
  readonly needs: ModelSwitch;
  readonly bit?: readonly ['channels' | 'groups' | 'uuids', Permission, 'itself' | 'its -pnpres'];
  readonly feature?: keyof Features;
  /** What the feature is a part of. */
  readonly partOf?: keyof Features;
  readonly ofOneUser?: true;
  /** Through a group or wildcard, that one's permission counts. */
  readonly throughGroups?: true;
  /** Done to a message, by those alone who are in its audience. */
  readonly toMessage?: true;
}

const onChannel = (permission: Permission) => ['channels', permission, 'itself'] as const;
const onPresence = ['channels', 'read', 'its -pnpres'] as const;
const onGroup = (permission: Permission) => ['groups', permission, 'itself'] as const;
const onUser = (permission: Permission) => ['uuids', permission, 'itself'] as const;

export const MODEL_OPERATIONS: ReadonlyMap<string, ModelOperation> = new Map<string, ModelOperation>([
  ['time', { names: 'nothing', needs: 'free' }],
  ['connect', { names: 'nothing', needs: 'free' }],
  ['leave', { names: 'channel', needs: 'free' }],
  ['where-now', { names: 'user', needs: 'free', feature: 'presence' }],
  // join, subscribe, heartbeat | may join | read
  ['join', { names: 'channel', needs: 'join', bit: onChannel('read') }],
  ['subscribe', { names: 'channel', needs: 'join', bit: onChannel('read') }],
  ['heartbeat', { names: 'channel', needs: 'join', bit: onChannel('read'), throughGroups: true }],
  ['subscribe.member', { names: 'member', needs: 'join', bit: onChannel('read'), throughGroups: true }],
  ['subscribe.group', { names: 'group', needs: 'free', bit: onGroup('read'), feature: 'groups' }],
  ['subscribe.wildcard', { names: 'wildcard', needs: 'free', bit: onChannel('read'), feature: 'wildcards' }],
  // publish, fire, signal, file upload and publish, add reaction | the audience's switch | write
  ['publish', { names: 'channel', needs: 'send', bit: onChannel('write') }],
  ['fire', { names: 'channel', needs: 'send', bit: onChannel('write') }],
  ['signal', { names: 'channel', needs: 'send', bit: onChannel('write'), feature: 'signals' }],
  ['files.send', { names: 'channel', needs: 'send', bit: onChannel('write'), feature: 'files' }],
  [
    'reactions.add',
    { names: 'channel', needs: 'send', bit: onChannel('write'), feature: 'reactions', toMessage: true },
  ],
  // roster and updates, here-now, -pnpres, state | presence of the base name
  ['roster', { names: 'channel', needs: 'presence', bit: onPresence, feature: 'presence' }],
  ['subscribe.presence', { names: 'presence', needs: 'presence', bit: onChannel('read'), feature: 'presence' }],
  // … and by the name of a group they need what a group needs: its bearer bit
  [
    'here-now',
    { names: 'channel', needs: 'presence', bit: onChannel('read'), feature: 'presence', throughGroups: true },
  ],
  [
    'state.get',
    { names: 'channel', needs: 'presence', bit: onChannel('read'), feature: 'presence', throughGroups: true },
  ],
  [
    'state.set',
    {
      names: 'channel',
      needs: 'presence',
      bit: onChannel('read'),
      feature: 'presence',
      ofOneUser: true,
      throughGroups: true,
    },
  ],
  // history, counts, get reactions, list and download files | history | read
  ['history', { names: 'channel', needs: 'history', bit: onChannel('read'), feature: 'history' }],
  ['history.item', { names: 'channel', needs: 'stored item', bit: onChannel('read'), feature: 'history' }],
  ['messages.count', { names: 'channel', needs: 'history', bit: onChannel('read'), feature: 'history' }],
  ['reactions.get', { names: 'channel', needs: 'history', bit: onChannel('read'), feature: 'reactions' }],
  ['files.list', { names: 'channel', needs: 'history', bit: onChannel('read'), feature: 'files' }],
  ['files.download', { names: 'channel', needs: 'history', bit: onChannel('read'), feature: 'files' }],
  ['receive', { names: 'channel', needs: 'live item', bit: onChannel('read'), throughGroups: true }],
  // no switch | as PubNub's table
  ['messages.delete', { names: 'channel', needs: 'no switch', bit: onChannel('delete'), feature: 'deleteHistory' }],
  [
    'reactions.remove',
    {
      names: 'channel',
      needs: 'own or no switch',
      bit: onChannel('delete'),
      feature: 'reactions',
      ofOneUser: true,
      toMessage: true,
    },
  ],
  ['files.delete', { names: 'channel', needs: 'no switch', bit: onChannel('delete'), feature: 'files' }],
  ['groups.add', { names: 'group', needs: 'no switch', bit: onGroup('manage'), feature: 'groups' }],
  ['groups.remove', { names: 'group', needs: 'no switch', bit: onGroup('manage'), feature: 'groups' }],
  ['groups.list', { names: 'group', needs: 'no switch', bit: onGroup('manage'), feature: 'groups' }],
  ['groups.delete', { names: 'group', needs: 'no switch', bit: onGroup('manage'), feature: 'groups' }],
  ['groups.add-channel', { names: 'channel', needs: 'join', bit: onChannel('read'), feature: 'groups' }],
  ['groups.list-all', { names: 'nothing', needs: 'no switch', feature: 'listAll', partOf: 'groups' }],
  ['channel-metadata.list', { names: 'nothing', needs: 'no switch', feature: 'listAll', partOf: 'appContext' }],
  ['user-metadata.list', { names: 'nothing', needs: 'no switch', feature: 'listAll', partOf: 'appContext' }],
  ['here-now.global', { names: 'nothing', needs: 'no switch', feature: 'globalHereNow', partOf: 'presence' }],
  ['channel-metadata.get', { names: 'channel', needs: 'no switch', bit: onChannel('get'), feature: 'appContext' }],
  ['channel-metadata.set', { names: 'channel', needs: 'no switch', bit: onChannel('update'), feature: 'appContext' }],
  [
    'channel-metadata.remove',
    { names: 'channel', needs: 'no switch', bit: onChannel('delete'), feature: 'appContext' },
  ],
  ['members.get', { names: 'channel', needs: 'no switch', bit: onChannel('get'), feature: 'appContext' }],
  ['members.set', { names: 'channel', needs: 'no switch', bit: onChannel('manage'), feature: 'appContext' }],
  ['user-metadata.get', { names: 'user', needs: 'own or no switch', bit: onUser('get'), feature: 'appContext' }],
  ['user-metadata.set', { names: 'user', needs: 'own or no switch', bit: onUser('update'), feature: 'appContext' }],
  ['user-metadata.remove', { names: 'user', needs: 'own or no switch', bit: onUser('delete'), feature: 'appContext' }],
  ['memberships.get', { names: 'user', needs: 'own or no switch', bit: onUser('get'), feature: 'appContext' }],
  ['memberships.set', { names: 'user', needs: 'own or no switch', bit: onUser('update'), feature: 'appContext' }],
  ['memberships.channel', { names: 'channel', needs: 'join', bit: onChannel('join'), feature: 'appContext' }],
  ['event', { names: 'channel', needs: 'server' }],
  ['grant', { names: 'nothing', needs: 'server' }],
  ['revoke', { names: 'nothing', needs: 'server', feature: 'revoke' }],
  ['audit', { names: 'nothing', needs: 'server' }],
]);
