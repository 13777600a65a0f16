import { changeRule, resetRule } from './api.js';
import { el, icon } from './dom.js';
import { Lamps } from './lamps.js';
import { Pane } from './pane.js';
import { refusalBox } from './refusal.js';
import { Roster } from './roster.js';
import { Tower } from './tower.js';

/** @typedef {import('./types.js').Rule} Rule */

/** One channel under one template: its rule as lamps, its gate, and everybody at it. */
export class Card {
  #lamps;
  #roster;
  #toggle = el('button', {
    type: 'button',
    class: 'toggle',
    onclick: () => void this.turn({ enabled: !this.#rule.enabled }),
  });
  #standing = el('span');
  #kept = el('small', { title: 'How many messages the channel keeps as its history' });
  #trouble = el('div', { class: 'trouble', role: 'alert' });
  /** @type {Rule} */
  #rule;

  /**
   * @param {{ template: string, title: string, sentence: string }} template
   * @param {{ channel: string, rule: Rule }} place
   * @param {{ people: import('./person.js').Somebody[], known: Map<string, string>, onStale: () => void }} page
   */
  constructor({ template, title, sentence }, { channel, rule }, { people, known, onStale }) {
    this.template = template;
    this.title = title;
    this.channel = channel;
    this.#rule = rule;
    this.#lamps = new Lamps(channel, (changes) => void this.turn(changes));
    this.#roster = new Roster(known);
    this.panes = people.map(
      (person) =>
        new Pane(person, channel, ({ code }) => {
          this.#lamps.point(code);
          onStale();
        }),
    );
    this.tower = template === 'notifications' ? new Tower(channel) : null;
    const reset = el(
      'button',
      { type: 'button', class: 'quiet bare', title: 'Back to the template', onclick: () => void this.reset() },
      icon('reset'),
    );
    reset.setAttribute('aria-label', `Put ${channel} back to its template`);
    this.node = el(
      'article',
      { class: 'card', id: template, 'aria-labelledby': `${template}-title` },
      el('header', {}, el('h2', { id: `${template}-title` }, title), el('p', {}, sentence), el('code', {}, channel)),
      el('div', { class: 'rule' }, this.#lamps.node, this.#trouble),
      el('div', { class: 'hall' }, this.#roster.node, this.tower?.node),
      el(
        'div',
        { class: 'lintel' },
        el('span', { class: 'standing' }, this.#standing, this.#kept),
        reset,
        this.#toggle,
      ),
      el(
        'div',
        { class: 'yard' },
        ...['grille', 'grille veil'].map((name) => el('div', { class: name, 'aria-hidden': 'true' })),
        ...this.panes.map((pane) => pane.node),
      ),
    );
    this.apply(rule);
  }

  /** @param {Rule} rule as the server says it stands */
  apply(rule) {
    this.#rule = rule;
    this.#lamps.show(rule);
    this.node.dataset.gate = rule.enabled ? 'open' : 'closed';
    const label = el('span', {}, rule.enabled ? 'Close' : 'Open', el('span', { class: 'object' }, ' the gate'));
    this.#toggle.replaceChildren(icon(rule.enabled ? 'down' : 'up'), label);
    this.#standing.textContent = rule.enabled ? 'Gate open' : 'Gate closed';
    this.#kept.textContent = rule.history > 0 ? `keeps ${rule.history}` : 'keeps nothing';
    this.#roster.show(this.panes, rule);
  }

  showRoster() {
    this.#roster.show(this.panes, this.#rule);
  }

  /** @param {Record<string, boolean>} changes */
  turn(changes) {
    return this.#change(() => changeRule(this.template, changes));
  }

  reset() {
    return this.#change(() => resetRule(this.template));
  }

  /** @param {() => Promise<{ rule: Rule }>} change */
  async #change(change) {
    this.node.setAttribute('aria-busy', 'true');
    this.#trouble.replaceChildren();
    try {
      const before = this.#rule;
      this.apply((await change()).rule);
      this.#welcome(before);
    } catch (problem) {
      const { code, message } = /** @type {import('./api.js').Problem} */ (problem);
      this.#trouble.replaceChildren(refusalBox('The rule stays as it was', { code, message }));
    } finally {
      this.node.removeAttribute('aria-busy');
    }
  }

  /**
   * Rights regained re-join nobody, so the page knocks again for whoever might now be let in.
   *
   * @param {Rule} before
   */
  #welcome(before) {
    const now = this.#rule;
    const wider = (now.enabled && !before.enabled) || (now.anonymousClients && !before.anonymousClients);
    const seesMore = now.presence && !before.presence;
    for (const pane of this.panes) {
      if (wider && pane.state === 'outside') pane.join();
      else if (seesMore && pane.state === 'inside') pane.person.join(this.channel, 'without');
    }
  }
}
