import { isSignedIn, nameOf } from './avatar.js';
import { el, spoken } from './dom.js';

/** @typedef {'public' | 'authenticated' | 'private' | 'server'} Kind */

/** @type {Record<Kind, string>} */
const tags = { public: 'everyone', authenticated: 'signed-in', private: 'private', server: 'server' };

/**
 * @param {import('./types.js').Frame} frame
 * @returns {Kind}
 */
export function kindOf({ action, options }) {
  if (action === 'event') return 'server';
  if (options?.socketId) return 'private';
  return options?.authenticated ? 'authenticated' : 'public';
}

/**
 * What was said: our own messages carry `text`, a server event has its data one level down, anything else is shown as it is.
 *
 * @param {import('./types.js').Frame} frame
 */
export function textOf({ action, payload }) {
  const said = action === 'event' ? payload?.data : payload;
  if (typeof said === 'string') return said;
  return typeof said?.text === 'string' ? said.text : JSON.stringify(said);
}

/**
 * One line of a log.
 *
 * @param {import('./types.js').Frame} frame a `message` or `event`
 * @param {string} [mySocket]
 */
export function messageLine(frame, mySocket) {
  const from = frame.client ?? null;
  const mine = from !== null && from.socketId === mySocket;
  const name = from === null ? 'Server' : mine ? 'you' : nameOf(from);
  return line({ kind: kindOf(frame), name, text: textOf(frame), mine, signedIn: from !== null && isSignedIn(from) });
}

/**
 * @param {{ kind: Kind, name: string, text: string, mine: boolean, signedIn: boolean, tag?: string }} said
 */
export function line({ kind, name, text, mine, signedIn, tag }) {
  return el(
    'p',
    { class: 'line', 'data-kind': kind, 'data-mine': String(mine), 'data-signed-in': String(signedIn) },
    el('span', { class: 'kind', 'data-kind': kind, 'aria-hidden': 'true' }),
    el('span', { class: 'said' }, el('b', {}, name), ' ', text),
    spoken(', to '),
    el('span', { class: 'tag' }, tag ?? tags[kind]),
  );
}
