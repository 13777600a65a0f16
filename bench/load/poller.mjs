import { connect } from 'node:net';

/** One long-polling subscriber on a connection of its own: asks again as soon as it has been answered. */
export class Poller {
  #socket;
  #target;
  #buffer = '';
  #cursor = '0';
  #region = '';
  #onMessages;

  /** `target` is the path up to and with the `?`; `onMessages` gets the payloads of each answer. */
  constructor({ port, target, onMessages }) {
    this.#target = target;
    this.#onMessages = onMessages;
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.setNoDelay(true);
    this.#socket.setEncoding('utf8');
    this.#socket.on('data', (text) => this.#read(text));
    this.#socket.on('error', () => {});
    this.ready = new Promise((resolve) => {
      this.#handshaken = resolve;
    });
    this.#ask();
  }

  #handshaken = () => {};

  stop() {
    this.#socket.destroy();
  }

  #ask() {
    const from = this.#region === '' ? '' : `&tr=${this.#region}`;
    this.#socket.write(`GET ${this.#target}tt=${this.#cursor}${from} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  }

  #read(text) {
    this.#buffer += text;
    const head = this.#buffer.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#buffer.slice(0, head))?.[1] ?? 0);
    // Payloads here are plain ASCII: characters are bytes.
    if (this.#buffer.length < head + 4 + length) return;
    const body = JSON.parse(this.#buffer.slice(head + 4, head + 4 + length));
    this.#buffer = this.#buffer.slice(head + 4 + length);
    if (body.t === undefined) throw new Error(JSON.stringify(body));
    this.#cursor = body.t.t;
    this.#region = body.t.r;
    this.#handshaken();
    if (body.m.length > 0) this.#onMessages(body.m.map(({ d }) => d));
    this.#ask();
  }
}
