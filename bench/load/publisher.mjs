import { connect } from 'node:net';
import { door } from '../doors/index.mjs';
import { monotonic } from './crowd.mjs';

/** One connection that is in its channels, publishes there at a steady rate, and throws away what it hears. `crowd.c` reads its messages. */
export class Publisher {
  #socket;
  #timer;
  /** The number of the next message. */
  next = 1;
  /** When each was published, ns of the monotonic clock. */
  #times = [0];

  /** `place`: which of a receiver's channels this is, by the channel's number. */
  constructor(server, { bearer, channels, place = () => 0, filler = '' }) {
    this.channels = channels;
    this.place = place;
    this.filler = filler;
    this.#socket = connect(server.port, '127.0.0.1');
    this.#socket.setNoDelay(true);
    this.#socket.resume();
    const headers = door.headers(bearer).replaceAll('\\r\\n', '\r\n');
    this.#socket.write(
      `GET ${door.path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${headers}\r\n`,
    );
    this.ready = new Promise((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.once('data', () => {
        for (const text of door.hello(bearer)) this.say(text);
        for (const channel of new Set(channels)) this.say(door.join(channel));
        setTimeout(resolve, 1_000);
      });
    });
  }

  say(text) {
    this.#socket.write(frame(text));
  }

  /** Publishes the next message, in its channel's turn. */
  publish() {
    const seq = this.next++;
    const at = seq % this.channels.length;
    const channel = this.channels[at];
    const now = monotonic();
    this.#times.push(now);
    this.say(door.publish(channel, `{"text":"~${seq}.${this.place(at)}.${now}~${this.filler}"}`));
  }

  /** The number of the first message that was published after this (ns). */
  numberAt(instant) {
    const later = this.#times.findIndex((time) => time > instant);
    return later === -1 ? this.next : later;
  }

  /** So many a second, spread evenly over each 5 ms. */
  start(perSecond) {
    const began = performance.now();
    let sent = 0;
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - began) / 1_000) * perSecond);
      for (; sent < due; sent += 1) this.publish();
    }, 5);
  }

  pause() {
    clearInterval(this.#timer);
  }

  stop() {
    this.pause();
    this.#socket.destroy();
  }
}

function frame(text) {
  const payload = Buffer.from(text);
  const { length } = payload;
  const head = length < 126 ? [0x81, 0x80 | length] : [0x81, 0x80 | 126, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload]);
}
