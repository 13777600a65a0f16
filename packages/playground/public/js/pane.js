import { avatar, isSignedIn } from './avatar.js';
import { Composer } from './composer.js';
import { el, icon } from './dom.js';
import { Log } from './log.js';
import { line, messageLine } from './message-line.js';
import { refusalBox } from './refusal.js';

/** How long a send may wait for its echo or refusal, in milliseconds. */
const patience = 3000;

/** @typedef {'offline' | 'joining' | 'inside' | 'outside'} State */
/** @typedef {{ id: string, text: string, to: string, at: number }} Sent */

const words = { offline: 'no connection', joining: 'knocking', inside: 'inside', outside: 'outside' };

/** One person on one channel: what this client sees of it, and where it writes. */
export class Pane {
  /** @type {Sent[]} */
  #sent = [];
  /** @type {HTMLElement | null} */
  #history = null;
  /** @type {HTMLElement | null} */
  #lastRefusal = null;
  /** @type {(refusal: import('./types.js').Refusal) => void} */
  #onRefusal;
  #state = el('span', { class: 'state' });
  #join;
  #askHistory;
  #composer;
  #log;

  /**
   * @param {import('./person.js').Somebody} person
   * @param {string} channel
   * @param {(refusal: import('./types.js').Refusal) => void} onRefusal
   */
  constructor(person, channel, onRefusal) {
    this.person = person;
    this.channel = channel;
    this.#onRefusal = onRefusal;
    this.#log = new Log(`What ${person.name} sees on ${channel}`);
    this.#composer = new Composer(person.name, channel, (draft) => this.send(draft));
    this.#join = el('button', { type: 'button', class: 'quiet', onclick: () => this.join() }, 'Join');
    this.#join.setAttribute('aria-label', `Join ${channel} as ${person.name}`);
    this.#askHistory = el(
      'button',
      { type: 'button', class: 'quiet bare', title: 'Ask for the history', onclick: () => person.askHistory(channel) },
      icon('history'),
    );
    this.#askHistory.setAttribute('aria-label', `Ask for the history of ${channel} as ${person.name}`);
    this.node = el(
      'div',
      { class: 'pane', role: 'group', 'aria-label': `${person.name} on ${channel}`, 'data-person': person.id },
      el('header', {}, avatar(person), el('h3', {}, person.name), this.#state, this.#join, this.#askHistory),
      this.#log.node,
      this.#composer.node,
    );
    this.become('offline');
  }

  /** @param {State} state */
  become(state) {
    this.state = state;
    this.node.dataset.state = state;
    this.#state.textContent = words[state];
    this.#join.hidden = state !== 'outside';
    this.#askHistory.hidden = state === 'offline';
    if (state === 'inside') this.#unpin();
    else this.see([]);
  }

  /** @param {import('./types.js').Refusal} reason */
  disconnected(reason) {
    this.become('offline');
    this.#pin(refusalBox('Disconnected', reason));
  }

  join() {
    this.become('joining');
    this.person.join(this.channel, 'with');
  }

  /** @param {import('./types.js').Peer[]} roster */
  see(roster) {
    this.roster = roster;
    this.#composer.offer(roster.filter(({ socketId }) => socketId !== this.socketId));
  }

  /** @param {import('./composer.js').Draft} draft */
  send({ text, options, to }) {
    const id = crypto.randomUUID();
    this.#unpin();
    this.#sent.push({ id, text, to, at: performance.now() });
    this.person.send(this.channel, { text, id }, options);
    if (options.socketId === undefined) return;
    // A private message has no echo: the sender's own line is the only trace of it here.
    const { signedIn } = this.person;
    this.#log.add(line({ kind: 'private', name: 'you', text, mine: true, signedIn, tag: `to ${to}` }));
  }

  /** @param {import('./types.js').Frame} frame */
  hear(frame) {
    switch (frame.action) {
      case 'join':
        this.socketId = frame.client?.socketId;
        if (this.state !== 'inside') this.become('inside');
        return;
      case 'leave':
        if (frame.client && frame.client.socketId !== this.socketId) return;
        this.#lastRefusal?.querySelector('.what')?.replaceChildren('Cut off');
        this.become('outside');
        return;
      case 'message':
      case 'event':
        this.#sent = this.#sent.filter(({ id }) => id !== frame.payload?.id);
        this.#log.add(messageLine(frame, this.socketId));
        return;
      case 'history':
        this.#remember(frame.payload?.history ?? []);
        return;
      case 'error':
        this.#refused({ code: String(frame.payload?.code ?? 'error'), message: String(frame.payload?.message ?? '') });
    }
  }

  /** @param {import('./types.js').Refusal} refusal */
  #refused(refusal) {
    const box = refusalBox(this.#whatFailed(), refusal);
    if (this.state === 'joining') this.become('outside');
    if (refusal.code === 'channel.presence-off') this.see([]);
    this.#pin(box);
    this.#onRefusal(refusal);
  }

  /** @param {HTMLElement} box its code and reason stay in sight until this client tries again or is let in */
  #pin(box) {
    this.#unpin();
    box.classList.add('pinned');
    this.#lastRefusal = box;
    this.#log.add(box);
  }

  #unpin() {
    this.#lastRefusal?.classList.remove('pinned');
  }

  #whatFailed() {
    const now = performance.now();
    this.#sent = this.#sent.filter(({ at }) => now - at < patience);
    if (this.state === 'joining') return 'Kept out';
    const failed = this.#sent.shift();
    return failed === undefined ? 'Refused' : `Not sent to ${failed.to}: “${failed.text}”`;
  }

  /** @param {import('./types.js').Frame[]} items */
  #remember(items) {
    const title = items.length === 0 ? 'History: nothing kept' : `History: ${items.length} kept`;
    const lines = items.map((item) => messageLine(item, this.socketId));
    const block = el('div', { class: 'history' }, el('p', { class: 'empty' }, title), ...lines);
    this.#log.replace(this.#history, block);
    this.#history = block;
  }

  get signedIn() {
    return this.person.signedIn;
  }

  /** Everybody this client sees but itself, the signed-in first. */
  get peers() {
    const others = (this.roster ?? []).filter(({ socketId }) => socketId !== this.socketId);
    return others.sort((a, b) => Number(isSignedIn(b)) - Number(isSignedIn(a)));
  }
}
