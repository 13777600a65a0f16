import { el } from './dom.js';

const keep = 200;
/** How close to its end a log counts as being read at the end, in pixels. */
const atEnd = 24;

/** What one client saw, oldest first. Follows its end unless somebody scrolled up. */
export class Log {
  #empty = el('p', { class: 'empty' }, 'Nothing yet.');

  /** @param {string} label */
  constructor(label) {
    this.node = el('div', { class: 'log', role: 'log', 'aria-label': label, tabindex: '0' }, this.#empty);
  }

  /** @param {HTMLElement} entry */
  add(entry) {
    const { scrollHeight, scrollTop, clientHeight } = this.node;
    const following = scrollHeight - scrollTop - clientHeight < atEnd;
    this.#empty.remove();
    this.node.append(entry);
    while (this.node.childElementCount > keep) this.node.firstElementChild?.remove();
    if (following) this.node.scrollTop = this.node.scrollHeight;
  }

  /**
   * Replaces the entry before, wherever it stood.
   *
   * @param {HTMLElement | null} before
   * @param {HTMLElement} entry
   */
  replace(before, entry) {
    before?.remove();
    this.add(entry);
  }
}
