// What our own client tells, in the shape in which the page shows it.

/** @typedef {import('./types.js').Peer} Peer */
/** @typedef {import('./types.js').Frame} Frame */
/** @typedef {{ session?: string, user?: string, proven?: boolean, extras?: Readonly<Record<string, unknown>> }} Somebody */

/**
 * @param {Somebody} somebody a sender or a member
 * @returns {Peer}
 */
export function peerOf({ session = '', user, proven = true, extras = {} }) {
  const known = user !== undefined && proven;
  return { socketId: session, extras, permissions: known ? { dbo_id: 1, row_id: user } : { dbo_id: 0, row_id: 0 } };
}

/**
 * @param {{ channel: string, data: unknown, kind?: string, to?: string, from?: Somebody }} message
 * @param {string | undefined} me the session that heard it
 * @returns {Frame}
 */
export function messageFrame({ channel, data, kind, to, from }, me) {
  const event = kind === 'event';
  return {
    action: event ? 'event' : 'message',
    client: from === undefined ? null : peerOf(from),
    options: { channel, authenticated: to === 'authenticated', socketId: to === 'you' ? (me ?? '') : null },
    payload: event ? { data } : data,
  };
}

/**
 * @param {string} channel
 * @param {{ code: string, reason: string }} error
 * @returns {Frame}
 */
export function errorFrame(channel, { code, reason }) {
  return { action: 'error', options: { channel }, payload: { code, message: reason } };
}

/**
 * @param {import('./types.js').SendOptions} options
 * @returns {{ to?: 'authenticated' | { session: string } }}
 */
export function publishOptions({ authenticated, socketId }) {
  if (socketId !== undefined) return { to: { session: socketId } };
  return authenticated ? { to: 'authenticated' } : {};
}
