import { fetchToken } from './api.js';
import { el } from './dom.js';

/** Close codes on which the SDK dials again by itself. */
const dialsAgain = new Set([1006, 1011, 1012, 1013, 1014, 4000]);
const tokenRefused = 4401;
/** A token that is refused again so soon will not get better by asking for a third. */
const restartPause = 10_000;

/**
 * @typedef {'connecting' | 'connected' | 'reconnecting' | 'closed'} Line
 * @typedef {Person | import('./native-person.js').NativePerson} Somebody
 * @typedef {object} Ears
 * @property {(person: Somebody, channel: string, frame: import('./types.js').Frame) => void} onFrame
 * @property {(person: Somebody, channel: string, roster: import('./types.js').Peer[]) => void} onRoster
 * @property {(person: Somebody, line: Line, note: import('./types.js').Refusal | null) => void} onLine
 */

/** One person on the unmodified Xano SDK: an identity, and a realm with the SDK and a connection of its own. */
export class Person {
  sdk = 'Xano SDK';
  /** @type {HTMLIFrameElement | null} */
  #frame = null;
  /** @type {{ hash: string, names: string[] }} */
  #place;
  /** @type {Ears} */
  #ears;
  /** @type {import('./types.js').Refusal | null} */
  #note = null;
  #startedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param {{ user: string | null, name: string, extras: Readonly<Record<string, unknown>> }} who `user` null: brings no token
   * @param {{ hash: string, names: string[] }} place
   * @param {Ears} ears
   */
  constructor(who, place, ears) {
    this.user = who.user;
    this.name = who.name;
    this.extras = who.extras;
    this.signedIn = who.user !== null;
    this.id = who.user ?? 'guest';
    this.#place = place;
    this.#ears = ears;
    addEventListener('message', (event) => {
      if (event.origin === location.origin && event.source === this.#frame?.contentWindow) this.#hear(event.data);
    });
  }

  /** Opens a fresh realm, in place of the one before. It dials as soon as it is there. */
  open() {
    this.#startedAt = performance.now();
    this.#note = null;
    this.#ears.onLine(this, 'connecting', null);
    this.#frame?.remove();
    this.#frame = el('iframe', { src: '/playground/client.html', title: `The client of ${this.name}`, tabindex: '-1' });
    document.getElementById('realms')?.append(this.#frame);
  }

  /**
   * @param {string} channel
   * @param {unknown} payload
   * @param {import('./types.js').SendOptions} options
   */
  send(channel, payload, options) {
    this.#order({ kind: 'send', channel, payload, options });
  }

  /** @param {string} channel */
  askHistory(channel) {
    this.#order({ kind: 'history', channel });
  }

  /**
   * @param {string} channel
   * @param {'with' | 'without'} history
   */
  join(channel, history) {
    this.#order({ kind: 'join', channel, history: history === 'with' });
  }

  /** @param {import('./types.js').Order} order */
  #order(order) {
    this.#frame?.contentWindow?.postMessage(order, location.origin);
  }

  async #start() {
    try {
      const token = this.user === null ? null : (await fetchToken(this.user)).token;
      this.#order({ kind: 'start', token, ...this.#place });
    } catch (problem) {
      const { code, message } = /** @type {import('./api.js').Problem} */ (problem);
      this.#ears.onLine(this, 'closed', { code, message });
    }
  }

  /** @param {import('./types.js').Report} report */
  #hear(report) {
    switch (report.kind) {
      case 'ready':
        void this.#start();
        return;
      case 'roster':
        this.#ears.onRoster(this, report.channel, report.roster);
        return;
      case 'closed':
        this.#closed(report.code, report.reason);
        return;
      case 'frame':
        if (report.channel !== null) this.#ears.onFrame(this, report.channel, report.frame);
        else this.#heardOfTheConnection(report.frame);
    }
  }

  /** @param {import('./types.js').Frame} frame */
  #heardOfTheConnection(frame) {
    if (frame.action === 'error') {
      this.#note = { code: String(frame.payload?.code ?? 'error'), message: String(frame.payload?.message ?? '') };
      this.#ears.onLine(this, 'connected', this.#note);
    } else if (frame.action === 'connection_status' && frame.payload?.status === 'connected') {
      this.#note = null;
      this.#ears.onLine(this, 'connected', null);
    }
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #closed(code, reason) {
    if (dialsAgain.has(code)) {
      this.#ears.onLine(this, 'reconnecting', null);
    } else if (code === tokenRefused && performance.now() - this.#startedAt > restartPause) {
      this.open();
    } else {
      this.#ears.onLine(
        this,
        'closed',
        this.#note ?? { code: `close ${code}`, message: reason || 'The server closed the connection.' },
      );
    }
  }
}
