import type { BearerNeed, ChannelNeed } from '../operations.ts';
import type { Named } from './name-gate.ts';
import type { Question } from './question.ts';

const PRESENCE_OF_NAME: BearerNeed = { section: 'channels', permission: 'read', on: 'pnpres' };

/** What this very request needs of the channel gate: presence events need what presence needs, however they are reached. */
export function channelNeed({ request, row }: Question, named: Named): ChannelNeed {
  if (row.name === 'member' && named.presence) return 'presence';
  if (row.channel === 'receive' && request.audience?.to === 'presence') return 'presence';
  return row.channel;
}

export function bearerNeed({ request, row, policy }: Question): BearerNeed | null {
  if (request.operation === 'groups.add-channel' && policy.settings.groupAdd === 'vendor') return null;
  if (row.channel === 'receive' && request.audience?.to === 'presence') return PRESENCE_OF_NAME;
  return row.bearer;
}
