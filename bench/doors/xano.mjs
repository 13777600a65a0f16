import { HASH } from '../servers/portcullis.mjs';

/** The door of Xano's clients, as a load program speaks to it. */
export const xano = {
  name: 'xano',
  path: `/rt/${HASH}`,
  /** The token is the one sub-protocol that is offered; there it has no padding. */
  headers: ({ token } = {}) => (token === undefined ? '' : `Sec-WebSocket-Protocol: ${token.replace(/=+$/, '')}\\r\\n`),
  hello: () => [],
  join: (channel, { presence = false } = {}) =>
    JSON.stringify({ action: 'join', options: { channel }, payload: { history: false, presence } }),
  leave: (channel) => JSON.stringify({ action: 'leave', options: { channel } }),
  publish: (channel, payload) => `{"action":"message","options":{"channel":"${channel}"},"payload":${payload}}`,
  /** In what says that a join was done. */
  joined: '"action":"join"',
  /** In what says that a channel was taken away. */
  lost: '"action":"error"',
};
