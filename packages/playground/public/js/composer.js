import { extrasOf, nameOf } from './avatar.js';
import { el, icon } from './dom.js';

/**
 * @typedef {{ text: string, options: import('./types.js').SendOptions, to: string }} Draft
 */

/** Where one client writes: to everyone, to the signed-in, or to one person of the roster it sees. */
export class Composer {
  #people = el('optgroup', { label: 'Privately to' });
  #nobody = el('option', { disabled: true, value: '' }, 'nobody is listed');
  #to;
  #text;

  /**
   * @param {string} name
   * @param {string} channel
   * @param {(draft: Draft) => void} onSend
   */
  constructor(name, channel, onSend) {
    this.#to = el(
      'select',
      { 'aria-label': `${name} sends to, on ${channel}` },
      el('option', { value: 'public' }, 'everyone'),
      el('option', { value: 'authenticated' }, 'signed-in'),
      this.#people,
    );
    this.#text = el('input', {
      type: 'text',
      'aria-label': `Message from ${name} on ${channel}`,
      placeholder: 'Message',
      autocomplete: 'off',
      maxlength: '500',
    });
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      const text = this.#text.value.trim();
      if (text === '') return this.#text.focus();
      this.#text.value = '';
      onSend({ text, ...this.#address() });
    };
    this.node = el(
      'form',
      { class: 'composer', onsubmit: submit },
      this.#to,
      this.#text,
      el('button', { type: 'submit', class: 'send', 'aria-label': `Send as ${name}` }, icon('send')),
    );
    this.#people.append(this.#nobody);
  }

  /** @param {import('./types.js').Peer[]} peers everybody who can be written to in private */
  offer(peers) {
    const chosen = this.#to.value;
    const options = peers.map((peer) => {
      const extras = extrasOf(peer);
      const label = extras === '' ? `${nameOf(peer)} ${peer.socketId.slice(0, 4)}` : nameOf(peer);
      return el('option', { value: `to:${peer.socketId}` }, label);
    });
    this.#people.replaceChildren(...(options.length === 0 ? [this.#nobody] : options));
    this.#to.value = chosen;
    if (this.#to.selectedIndex === -1) this.#to.value = 'public';
  }

  /** @returns {Pick<Draft, 'options' | 'to'>} */
  #address() {
    const { value, selectedOptions } = this.#to;
    const to = selectedOptions[0]?.text ?? '';
    if (value.startsWith('to:')) return { options: { socketId: value.slice(3) }, to };
    return { options: value === 'authenticated' ? { authenticated: true } : {}, to };
  }
}
