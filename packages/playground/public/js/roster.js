import { avatar, extrasOf, isSignedIn, nameOf } from './avatar.js';
import { el } from './dom.js';

/** Who is inside, with the extras of their tokens, as one of the clients is told. */
export class Roster {
  #title = el('h3', {}, 'Who is here');
  #list = el('ul', { class: 'chips' });
  /** @type {Map<string, string>} */
  #known;

  /** @param {Map<string, string>} known ids of this page's own people by socket id */
  constructor(known) {
    this.#known = known;
    this.node = el('div', { class: 'roster', role: 'group', 'aria-label': 'Roster' }, this.#title, this.#list);
  }

  /**
   * @param {import('./pane.js').Pane[]} panes
   * @param {import('./types.js').Rule} rule
   */
  show(panes, rule) {
    const witness =
      panes.find((pane) => pane.signedIn && pane.roster?.length) ?? panes.find((pane) => pane.roster?.length);
    if (witness === undefined) {
      this.#title.textContent = 'Who is here';
      this.#list.replaceChildren(
        el('li', { class: 'empty' }, rule.presence ? 'Nobody is inside.' : 'Presence is off: nobody is listed.'),
      );
      return;
    }
    this.#title.textContent = `Who is here, as ${witness.person.name} sees it`;
    this.#list.replaceChildren(...(witness.roster ?? []).map((peer) => this.#chip(peer)));
  }

  /** @param {import('./types.js').Peer} peer */
  #chip(peer) {
    const signedIn = isSignedIn(peer);
    const id = this.#known.get(peer.socketId);
    const extras = extrasOf(peer);
    return el(
      'li',
      { class: 'chip', title: `socketId ${peer.socketId}, extras ${JSON.stringify(peer.extras)}` },
      avatar({ name: nameOf(peer), signedIn, ...(id === undefined ? {} : { id }) }),
      el('span', {}, nameOf(peer)),
      extras !== '' && el('small', {}, extras),
    );
  }
}
