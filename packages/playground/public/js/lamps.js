import { el, icon } from './dom.js';
import { switches } from './templates.js';

/** How long the lamp that answers for a refusal stands out, in milliseconds. */
const standsOut = 2400;

/** @typedef {(changes: Record<string, boolean>) => void} OnChange */

/** The switches of a rule as a row of lamps: what burns is allowed. Turning one changes the rule. */
export class Lamps {
  #rows = new Map(
    switches.map(({ key, label }) => [key, { label, lamp: el('button'), only: el('button'), word: el('span') }]),
  );
  /** @type {number | undefined} */
  #timer;

  /**
   * @param {string} channel
   * @param {OnChange} onChange
   */
  constructor(channel, onChange) {
    this.node = el('ul', { class: 'lamps', 'aria-label': `The rule of ${channel}` });
    for (const [key, row] of this.#rows) {
      row.word = el('span', { class: 'word', 'aria-hidden': 'true' });
      row.lamp = el(
        'button',
        { type: 'button', role: 'switch', class: 'lamp', onclick: () => onChange({ [key]: !isOn(row.lamp) }) },
        el('span', { class: 'light', 'aria-hidden': 'true' }),
        el('span', { class: 'label' }, row.label),
        row.word,
      );
      row.only = el(
        'button',
        {
          type: 'button',
          role: 'switch',
          class: 'only',
          onclick: () => onChange({ [`${key}.authenticatedOnly`]: !isOn(row.only) }),
        },
        icon('lock'),
        'signed-in only',
      );
      row.only.setAttribute('aria-label', `${row.label}: signed-in only`);
      const hasOnly = key === 'publicMessaging' || key === 'privateMessaging';
      this.node.append(el('li', { 'data-key': key }, row.lamp, hasOnly && row.only));
    }
  }

  /** @param {import('./types.js').Rule} rule */
  show(rule) {
    for (const [key, { lamp, only, word }] of this.#rows) {
      const value = /** @type {boolean | import('./types.js').MessagingSwitch} */ (
        rule[/** @type {keyof typeof rule} */ (key)]
      );
      const on = typeof value === 'boolean' ? value : value.enabled;
      const restricted = typeof value === 'object' && value.authenticatedOnly;
      lamp.setAttribute('aria-checked', String(on));
      lamp.dataset.half = String(on && restricted);
      only.setAttribute('aria-checked', String(restricted));
      // A sub-switch does nothing while its parent is off, so there is nothing to turn.
      only.disabled = !on;
      word.textContent = on ? 'on' : 'off';
    }
  }

  /** @param {string} code of a refusal: the lamp that answers for it stands out */
  point(code) {
    const key = switches.find(({ codes }) => codes.includes(code))?.key;
    for (const row of this.node.children)
      row.classList.toggle('pointed', row instanceof HTMLElement && row.dataset.key === key);
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      for (const row of this.node.children) row.classList.remove('pointed');
    }, standsOut);
  }
}

/** @param {HTMLElement} button */
const isOn = (button) => button.getAttribute('aria-checked') === 'true';
