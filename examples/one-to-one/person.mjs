import { createClient } from './sdk.mjs';

/** How long something may take that is on its way over loopback. */
const PATIENCE = 10_000;

/** Somebody with a browser: signs in at the backend, gets a realtime token there, and talks with the SDK. */
export class Person {
  #name;
  #places;
  #ticket;
  #client;
  /** All that the SDK handed over, oldest first. */
  #heard = [];
  #wake = () => {};

  /** `places`: the addresses of `backend` and `portcullis`. */
  constructor(name, places) {
    this.#name = name;
    this.#places = places;
  }

  async signIn(password) {
    const { ticket } = await this.ask('sign-in', { user: this.#name, password });
    this.#ticket = ticket;
  }

  /** A new realtime token, and a connection that shows it. */
  async connect() {
    const { token } = await this.ask('realtime-token', {});
    this.#client = createClient({ url: this.#places.portcullis, hash: 'one-to-one', token });
  }

  /** Resolves with the server's answer: `{ ok: true }`, or the code and sentence of the refusal. */
  async join(channel) {
    const from = this.#heard.length;
    const opened = this.#client.channel(channel, { presence: true });
    const keep = (frame) => {
      this.#heard.push(frame);
      this.#wake();
    };
    opened.on(keep, keep);
    const isOn = (frame) => frame.options?.channel === channel;
    const answer = await this.hears((frame) => isOn(frame) && ['join', 'error'].includes(frame.action), from);
    const says = (payload) => opened.message(payload);
    return answer.action === 'join' ? { ok: true, says } : { ok: false, ...answer.payload };
  }

  /** The first frame that fits, of those heard already (from the given one on) or still to come. */
  async hears(fits, from = 0) {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      const found = this.#heard.slice(from).find(fits);
      if (found) return found;
      if (Date.now() > deadline) throw new Error(`${this.#name} waited in vain`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, 100);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  hearsText(text) {
    return this.hears(({ action, payload }) => action === 'message' && payload.text === text);
  }

  hasHeard(text) {
    return this.#heard.some(({ action, payload }) => action === 'message' && payload.text === text);
  }

  async ask(path, body) {
    const answer = await fetch(`${this.#places.backend}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#ticket}` },
      body: JSON.stringify(body),
    });
    const result = await answer.json();
    if (!answer.ok) throw new Error(`${this.#name}: /${path} was answered with ${answer.status}: ${result.error}`);
    return result;
  }
}
