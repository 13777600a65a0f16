import { sendEvent } from './api.js';
import { el, icon } from './dom.js';
import { refusalBox } from './refusal.js';

/** Where the server speaks: an event to everyone who has joined, past every switch. */
export class Tower {
  #text;
  #refusal = el('div', { role: 'alert' });
  #channel;

  /** @param {string} channel */
  constructor(channel) {
    this.#channel = channel;
    this.#text = el('input', {
      type: 'text',
      'aria-label': `Server event on ${channel}`,
      placeholder: 'Speak as the server',
      autocomplete: 'off',
      maxlength: '500',
    });
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      const text = this.#text.value.trim();
      if (text === '') return this.#text.focus();
      this.#text.value = '';
      return void this.say(text);
    };
    this.node = el(
      'form',
      { class: 'composer tower', onsubmit: submit },
      el('span', { class: 'kind', 'data-kind': 'server', 'aria-hidden': 'true' }),
      this.#text,
      el('button', { type: 'submit', class: 'send', 'aria-label': 'Send the event' }, icon('send')),
      this.#refusal,
    );
  }

  /** @param {string} text */
  async say(text) {
    this.#refusal.replaceChildren();
    try {
      await sendEvent(this.#channel, { text });
    } catch (problem) {
      const { code, message } = /** @type {import('./api.js').Problem} */ (problem);
      this.#refusal.replaceChildren(refusalBox('No event', { code, message }));
    }
  }
}
