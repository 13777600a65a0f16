import { SUBSCRIBE_KEY } from '../servers/portcullis.mjs';

/** Our own door, as a load program speaks to it. */
export const native = {
  name: 'native',
  path: `/v1/connect?key=${SUBSCRIBE_KEY}`,
  headers: () => 'Sec-WebSocket-Protocol: portcullis.v1\\r\\n',
  hello: ({ token, user } = {}) => [JSON.stringify({ type: 'connect', id: 1, token, user })],
  join: (channel, { presence = false } = {}) => JSON.stringify({ type: 'join', id: 2, channel, presence }),
  leave: (channel) => JSON.stringify({ type: 'leave', id: 3, channel }),
  publish: (channel, payload) => `{"type":"publish","id":4,"channel":"${channel}","data":${payload}}`,
  joined: '"type":"joined"',
  lost: '"type":"lost"',
};
