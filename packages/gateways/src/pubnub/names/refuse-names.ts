import { refusal } from '../http/answers.ts';
import type { Answer, PubNubApp } from '../http/call.ts';
import type { QueryParameters } from '../http/query.ts';
import { decodePart } from '../http/target.ts';
import { INVALID_USER } from '../identity/user-named.ts';
import { existsHere, userExistsHere } from './exists-here.ts';

/** Of a request, all that names can be in but its body. */
export interface Naming {
  readonly params: Readonly<Record<string, string>>;
  readonly query: QueryParameters;
}

/** The answer to a call that names what there is not at this door, before its endpoint sees it; whoever asks. */
export function refuseNames({ params, query }: Naming, app: PubNubApp): Answer | undefined {
  if (!app.settings.strictNames) return undefined;
  if (params.uuid !== undefined && !userExistsHere(params.uuid, app)) return INVALID_USER;
  const missing = (names: readonly string[]) => names.filter((name) => !existsHere(name, app));
  const channels = missing([...channelsIn(params), ...query.list('add'), ...query.list('remove')]);
  if (channels.length > 0) return refusal('channel.bad-name', { channels });
  const groups = missing([...groupIn(params), ...query.list('channel-group')]);
  return groups.length > 0 ? refusal('request.malformed', { groups }, 'Invalid channel group name') : undefined;
}

export function channelsIn({ channel, channelsCsv = ',' }: Naming['params']): readonly string[] {
  const listed = channelsCsv === ',' ? [] : channelsCsv.split(',').map((name) => decodePart(name) ?? '');
  return channel === undefined ? listed : [channel, ...listed];
}

const groupIn = ({ group }: Naming['params']): readonly string[] => (group === undefined ? [] : [group]);
