import { connect } from '/playground/portcullis.min.js';
import { fetchToken } from './api.js';
import { errorFrame, messageFrame, peerOf, publishOptions } from './native-frames.js';

/** How many messages are shown when somebody comes in, or asks. */
const PAGE = 25;

/** One person on our own client. Any number of them fit into one page. */
export class NativePerson {
  sdk = 'our client';
  /** @type {import('./types.js').NativeClient | undefined} */
  #client;
  #place;
  #ears;

  /**
   * @param {{ user: string | null, name: string, extras: Readonly<Record<string, unknown>> }} who `user` null: brings no token
   * @param {{ key: string, names: string[] }} place
   * @param {import('./person.js').Ears} ears
   */
  constructor(who, place, ears) {
    this.user = who.user;
    this.name = who.name;
    this.extras = who.extras;
    this.signedIn = who.user !== null;
    this.id = who.user ?? 'guest';
    this.#place = place;
    this.#ears = ears;
  }

  /** Opens a fresh connection, in place of the one before. */
  open() {
    this.#client?.close();
    const { user } = this;
    const client = connect({
      url: location.origin,
      key: this.#place.key,
      ...(user === null ? {} : { getToken: async () => (await fetchToken(user)).token }),
    });
    this.#client = client;
    this.#ears.onLine(this, 'connecting', null);
    client.on('state', ({ state, error }) => {
      if (client === this.#client) this.#stands(state, error);
    });
    for (const name of this.#place.names) this.#listen(client, name);
  }

  /**
   * @param {string} channel
   * @param {import('@portcullis/client').Json} payload
   * @param {import('./types.js').SendOptions} options
   */
  send(channel, payload, options) {
    this.#try(channel, this.#client?.channel(channel).publish(payload, publishOptions(options)));
  }

  /** @param {string} channel */
  askHistory(channel) {
    this.#try(channel, this.#remember(channel));
  }

  /**
   * @param {string} channel
   * @param {'with' | 'without'} history
   */
  join(channel, history) {
    this.#try(channel, this.#enter(channel, history));
  }

  /**
   * @param {string} channel
   * @param {'with' | 'without'} history
   */
  async #enter(channel, history) {
    await this.#client?.channel(channel).join({ presence: true });
    // A channel that keeps nothing has nothing to show.
    if (history === 'with') await this.#remember(channel).catch(() => {});
  }

  /**
   * @param {import('./types.js').NativeClient} client
   * @param {string} name
   */
  #listen(client, name) {
    const room = client.channel(name);
    const tell = (/** @type {import('./types.js').Frame} */ frame) => {
      if (client === this.#client) this.#ears.onFrame(this, name, frame);
    };
    room.on('message', (message) => tell(messageFrame(message, client.session)));
    room.on('roster', ({ members }) => {
      if (client === this.#client) this.#ears.onRoster(this, name, members.map(peerOf));
    });
    room.on('lost', ({ what, error }) => {
      tell(errorFrame(name, error));
      if (what === 'channel') tell({ action: 'leave', options: { channel: name }, client: null, payload: null });
    });
    room.on('state', (state) => {
      const self = client.self;
      if (state === 'joined' && self) {
        tell({ action: 'join', options: { channel: name }, client: peerOf(self), payload: null });
      }
    });
    this.join(name, 'with');
  }

  /** @param {string} channel */
  async #remember(channel) {
    const client = this.#client;
    if (client === undefined) return;
    const { messages } = await client.channel(channel).history({ limit: PAGE });
    const history = messages.map((message) => messageFrame(message, client.session));
    this.#ears.onFrame(this, channel, { action: 'history', options: { channel }, payload: { history } });
  }

  /**
   * @param {string} channel
   * @param {Promise<unknown> | undefined} asked
   */
  #try(channel, asked) {
    const client = this.#client;
    asked?.catch((/** @type {{ code: string, reason: string }} */ error) => {
      // What the end of a connection fails is told by its end.
      const over = client !== this.#client || client?.state === 'closed';
      if (!over) this.#ears.onFrame(this, channel, errorFrame(channel, error));
    });
  }

  /**
   * @param {string} state
   * @param {{ code: string, reason: string } | undefined} error
   */
  #stands(state, error) {
    if (state === 'connected') this.#ears.onLine(this, 'connected', null);
    else if (state === 'closed' && error) {
      this.#ears.onLine(this, 'closed', { code: error.code, message: error.reason });
    } else if (state === 'waiting') this.#ears.onLine(this, 'reconnecting', null);
  }
}
