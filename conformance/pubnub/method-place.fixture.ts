import { bits, type Granted, type GrantHouse } from './grant-house.fixture.ts';
import type { Method, Needs, Place } from './methods.fixture.ts';

const ALL = {
  channels: ['read', 'write', 'manage', 'delete', 'get', 'update', 'join'],
  groups: ['read', 'manage'],
  uuids: ['get', 'update', 'delete'],
} as const;
export const SECTIONS = Object.keys(ALL) as (keyof Needs)[];
const nameIn = ({ channel, group, user }: Place) => ({ channels: channel, groups: group, uuids: user });
let places = 0;

/** Just what the method needs. */
export function exactly({ needs }: Method, place: Place): Granted {
  const names = nameIn(place);
  return Object.fromEntries(
    SECTIONS.flatMap((section) => {
      const need = needs[section];
      return need === undefined ? [] : [[section, { [names[section]]: [need] }]];
    }),
  );
}

/** Everything on all three resources, but for the one permission that is needed on one of them. */
export function allBut(needs: Needs, missing: keyof Needs, place: Place): Granted {
  const names = nameIn(place);
  return Object.fromEntries(
    SECTIONS.map((section) => {
      const held = ALL[section].filter((permission) => section !== missing || permission !== needs[section]);
      return [section, { [names[section]]: bits(held) }];
    }),
  );
}

export const freshUser = (kind = 'user'): string => `${kind}-${++places}`;

/** Names that nobody used before, with what the method is about put there by a server, and by `user` itself. */
export async function placeFor(house: GrantHouse, { after }: Method, user = freshUser()): Promise<Place> {
  const channel = `room-${++places}`;
  const group = `group-${places}`;
  const empty = { channel, group, user, message: '', action: '', file: '' };
  if (after === undefined) return empty;
  const backend = house.backend();
  if (after === 'group') {
    await backend.channelGroups.addChannels({ channelGroup: group, channels: [channel] });
    return empty;
  }
  if (after === 'file') {
    const file = { data: 'hello', name: 'notes.txt', mimeType: 'text/plain' };
    return { ...empty, file: (await backend.sendFile({ channel, file })).id };
  }
  await backend.objects.setChannelMetadata({ channel, data: { name: 'Prepared' } });
  await backend.objects.setUUIDMetadata({ uuid: user, data: { name: 'Prepared' } });
  const { timetoken } = await backend.publish({ channel, message: { mood: 'ok' } });
  const message = String(timetoken);
  if (after === 'message') return { ...empty, message };
  const reacting = house.client(user, house.mint({ channels: { [channel]: ['write'] } }, { user }));
  const action = { type: 'reaction', value: 'smile' };
  const added = await reacting.addMessageAction({ channel, messageTimetoken: message, action });
  return { ...empty, message, action: added.data.actionTimetoken };
}
