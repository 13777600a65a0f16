import { avatar } from './avatar.js';
import { el } from './dom.js';
import { refusalBox } from './refusal.js';

const words = {
  connecting: 'connecting',
  connected: 'connected',
  reconnecting: 'reconnecting',
  closed: 'disconnected',
};

/** The people of the page and how each one's connection stands, with whatever the server said about it. */
export class People {
  /** @type {Map<import('./person.js').Somebody, { item: HTMLElement, state: HTMLElement, note: HTMLElement, again: HTMLElement }>} */
  #rows = new Map();
  #list;

  /** @param {HTMLElement} list */
  constructor(list) {
    this.#list = list;
  }

  /** @param {import('./person.js').Somebody} person */
  add(person) {
    const state = el('span', { class: 'state' });
    const note = el('div', { role: 'status' });
    const again = el(
      'button',
      { type: 'button', class: 'quiet', hidden: true, onclick: () => person.open() },
      'Reconnect',
    );
    again.setAttribute('aria-label', `Reconnect ${person.name}`);
    const proof = `${person.signedIn ? 'signed in' : 'no token'}, ${person.sdk}`;
    const item = el(
      'li',
      {},
      avatar(person),
      el('span', { class: 'who' }, el('b', {}, person.name), el('span', {}, proof)),
      state,
      again,
      note,
    );
    this.#rows.set(person, { item, state, note, again });
    this.#list.append(item);
  }

  /**
   * @param {import('./person.js').Somebody} person
   * @param {import('./person.js').Line} line
   * @param {import('./types.js').Refusal | null} refusal
   */
  show(person, line, refusal) {
    const row = this.#rows.get(person);
    if (row === undefined) return;
    row.item.dataset.line = line;
    row.state.textContent = words[line];
    row.again.toggleAttribute('hidden', line !== 'closed');
    // Once disconnected, every pane of this person says why.
    const concerns = refusal !== null && line !== 'closed';
    row.note.replaceChildren(...(concerns ? [refusalBox('The server says', refusal)] : []));
  }
}
