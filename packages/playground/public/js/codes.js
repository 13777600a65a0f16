import { fetchCodes } from './api.js';
import { byId, el } from './dom.js';

/**
 * The texts are Markdown of one kind only: words between backquotes are code.
 *
 * @param {string} text
 */
const marked = (text) => text.split('`').map((part, index) => (index % 2 === 1 ? el('code', {}, part) : part));

/** @param {import('./types.js').CodeRow} row */
function entry({ code, sentence, meaning, fix, http }) {
  return el(
    'article',
    { id: code },
    el('h2', {}, el('a', { href: `#${code}` }, el('code', {}, code)), el('small', {}, `HTTP ${http}`)),
    el(
      'dl',
      {},
      el('dt', {}, 'Says'),
      el('dd', {}, sentence),
      el('dt', {}, 'Means'),
      el('dd', {}, ...marked(meaning)),
      el('dt', {}, 'Fix'),
      el('dd', {}, ...marked(fix)),
    ),
  );
}

try {
  byId('codes').replaceChildren(...(await fetchCodes()).map(entry));
  // The browser looked for the anchor before there was one.
  if (location.hash !== '') location.replace(location.hash);
} catch (problem) {
  byId('codes').replaceChildren(problem instanceof Error ? problem.message : String(problem));
}
