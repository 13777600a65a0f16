import type { Endpoint } from '../http/call.ts';
import { addReaction } from './add.ts';
import { listReactions } from './list.ts';
import { removeReaction } from './remove.ts';

/** Message actions: what users say of messages. */
export const endpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/v1/message-actions/{sub}/channel/{channel}/message/{message}', handle: addReaction },
  { method: 'GET', path: '/v1/message-actions/{sub}/channel/{channel}', reads: true, handle: listReactions },
  {
    method: 'DELETE',
    path: '/v1/message-actions/{sub}/channel/{channel}/message/{message}/action/{action}',
    handle: removeReaction,
  },
];
