import type { Endpoint } from '../http/call.ts';
import { messageCounts } from './counts.ts';
import { deleteMessages } from './delete-messages.ts';
import { fetchMessages, fetchWithActions } from './fetch.ts';
import { history } from './history.ts';

/** Messages that are kept: read, counted, deleted. */
export const endpoints: readonly Endpoint[] = [
  { method: 'GET', path: '/v2/history/sub-key/{sub}/channel/{channel}', reads: true, handle: history },
  { method: 'GET', path: '/v3/history/sub-key/{sub}/channel/{channelsCsv}', reads: true, handle: fetchMessages },
  {
    method: 'GET',
    path: '/v3/history-with-actions/sub-key/{sub}/channel/{channelsCsv}',
    reads: true,
    handle: fetchWithActions,
  },
  { method: 'GET', path: '/v3/history/sub-key/{sub}/message-counts/{channelsCsv}', reads: true, handle: messageCounts },
  { method: 'DELETE', path: '/v3/history/sub-key/{sub}/channel/{channel}', handle: deleteMessages },
];
