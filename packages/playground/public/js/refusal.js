import { el, spoken } from './dom.js';

/** Where the codes are explained; they come from the same table as the refusals. */
const pages = '/playground/codes.html';

/**
 * A code such as `channel.no-rule`, linked to its explanation, with places where it may break.
 *
 * @param {string} code
 */
function codeLink(code) {
  const parts = code.split(/(?<=[.-])/).flatMap((part) => [part, el('wbr')]);
  const href = `${pages}#${encodeURIComponent(code)}`;
  return el(
    'a',
    { class: 'code', href, target: '_blank', rel: 'noopener' },
    el('code', {}, ...parts),
    spoken(', opens in a new tab'),
  );
}

/**
 * @param {string} what what came to nothing: `Kept out`, `Not sent: “hello”`
 * @param {import('./types.js').Refusal} refusal
 */
export function refusalBox(what, { code, message }) {
  return el(
    'div',
    { class: 'refusal' },
    el('p', { class: 'what' }, what),
    el('div', { class: 'verdict' }, codeLink(code), el('p', { class: 'why' }, message)),
  );
}
