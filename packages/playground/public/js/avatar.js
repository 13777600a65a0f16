import { el } from './dom.js';

/**
 * The round letter of a person; a hollow ring for those without a token.
 *
 * @param {{ id?: string, name: string, signedIn: boolean }} person
 */
export function avatar({ id, name, signedIn }) {
  const letter = signedIn ? (name.trim()[0] ?? '?').toUpperCase() : '';
  return el(
    'span',
    { class: 'avatar', 'data-person': id ?? 'stranger', 'data-signed-in': String(signedIn), 'aria-hidden': 'true' },
    letter,
  );
}

/**
 * What a frame says of a client, as people call it.
 *
 * @param {import('./types.js').Peer} peer
 */
export function nameOf(peer) {
  const name = peer.extras.name;
  if (typeof name === 'string' && name !== '') return name;
  return isSignedIn(peer) ? `user ${peer.permissions.row_id}` : 'anonymous';
}

/** @param {import('./types.js').Peer} peer */
export const isSignedIn = ({ permissions }) => permissions.dbo_id !== 0;

/**
 * The extras of the token but the name, as the roster shows them.
 *
 * @param {import('./types.js').Peer} peer
 */
export function extrasOf({ extras }) {
  const rest = Object.entries(extras).filter(([key]) => key !== 'name');
  return rest.map(([, value]) => (typeof value === 'string' ? value : JSON.stringify(value))).join(', ');
}
