import { el } from './dom.js';

/** @type {string | undefined} */
let pattern;

/** @param {string | undefined} docs the address of a code's documentation, with `{code}` in its place */
export function linkCodesTo(docs) {
  pattern = docs;
}

/**
 * A code such as `channel.no-rule`: a link to its documentation where there is one, with places where it may break.
 *
 * @param {string} code
 */
export function codeLink(code) {
  const parts = code.split(/(?<=[.-])/).flatMap((part) => [part, el('wbr')]);
  if (pattern === undefined) return el('code', { class: 'code' }, ...parts);
  const href = pattern.replace('{code}', encodeURIComponent(code));
  return el('a', { class: 'code', href, target: '_blank', rel: 'noopener' }, el('code', {}, ...parts));
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
    codeLink(code),
    el('p', { class: 'why' }, message),
  );
}
