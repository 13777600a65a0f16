import { el } from './dom.js';

const keep = 200;
/** How close to its end a log counts as being read at the end, in pixels. */
const atEnd = 24;

/** What one client saw, oldest first. Follows its end unless somebody scrolled up, however wide the page becomes. */
export class Log {
  #following = true;
  #empty = el('p', { class: 'empty' }, 'Nothing yet.');

  /** @param {string} label */
  constructor(label) {
    this.node = el(
      'div',
      { class: 'log', role: 'log', 'aria-label': label, tabindex: '0', onscroll: () => this.#scrolled() },
      this.#empty,
    );
    new ResizeObserver(() => this.#follow()).observe(this.node);
  }

  /** @param {HTMLElement} entry */
  add(entry) {
    this.#empty.remove();
    this.node.append(entry);
    while (this.node.childElementCount > keep) this.node.firstElementChild?.remove();
    this.#follow();
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

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.node;
    this.#following = scrollHeight - scrollTop - clientHeight < atEnd;
  }

  #follow() {
    if (this.#following) this.node.scrollTop = this.node.scrollHeight;
  }
}
