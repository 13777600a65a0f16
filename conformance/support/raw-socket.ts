import { connect, type Socket } from 'node:net';

export interface SocketOptions {
  /** What is offered as sub-protocol. */
  readonly protocol?: string;
  /** Further lines of the handshake, as `Origin: null`. */
  readonly headers?: readonly string[];
  /** Ignores the server's close frame and goes on reading. */
  readonly deaf?: boolean;
}

/**
 * A WebSocket client by hand, so that nothing of the server's code or of a library decides what an observer sees: it
 * may stop reading, and it may never answer a close frame.
 */
export class RawSocket<F extends object> {
  readonly frames: F[] = [];
  /** Text frames of the wire; one may hold several messages. */
  texts = 0;
  closeCode: number | null = null;
  /** The text beside the close code. */
  closeReason = '';
  /** The connection is gone, by close or by reset. */
  gone = false;
  /** Called for every frame instead of keeping it. */
  onFrame: ((frame: F) => void) | null = null;
  readonly #socket: Socket;
  readonly #deaf: boolean;
  #buffer: Buffer = Buffer.alloc(0);
  #wake: (() => void)[] = [];

  constructor(port: number, path: string, { protocol, headers = [], deaf = false }: SocketOptions = {}) {
    const socket = connect(port, '127.0.0.1');
    this.#socket = socket;
    this.#deaf = deaf;
    socket.setNoDelay(true);
    socket.on('close', () => {
      this.gone = true;
      this.#wakeAll();
    });
    socket.on('error', () => {});
    const named = protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`];
    const more = [...named, ...headers].map((line) => `${line}\r\n`).join('');
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${more}\r\n`,
    );
  }

  /** Resolves when the handshake is done. */
  opened(): Promise<void> {
    return this.#handshake();
  }

  send(frame: object): void {
    this.sendText(JSON.stringify(frame));
  }

  sendText(text: string): void {
    if (!this.gone) this.#socket.write(maskedFrame(Buffer.from(text), 1));
  }

  /** Bytes as they are, whether they are a frame or not. */
  sendBytes(bytes: Uint8Array): void {
    if (!this.gone) this.#socket.write(bytes);
  }

  /** The first frame, from index `from` on, that fits. Rejects when the connection ends first, or after ten seconds. */
  async until(fits: (frame: F) => boolean, from = 0): Promise<F> {
    const deadline = Date.now() + 10_000;
    for (let next = from; ; ) {
      for (; next < this.frames.length; next += 1) {
        const frame = this.frames[next];
        if (frame && fits(frame)) return frame;
      }
      if (this.gone) throw new Error(`the connection ended (${this.closeCode}) before the frame came`);
      if (Date.now() > deadline)
        throw new Error(`no such frame among ${JSON.stringify(this.frames.slice(from).slice(-5))}`);
      await this.#more(deadline - Date.now());
    }
  }

  async untilGone(): Promise<void> {
    const deadline = Date.now() + 10_000;
    while (!this.gone) {
      if (Date.now() > deadline) throw new Error('the connection did not end');
      await this.#more(deadline - Date.now());
    }
  }

  /** Stops taking bytes from the kernel. */
  stopReading(): void {
    this.#socket.pause();
  }

  goOnReading(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #more(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, ms));
      this.#wake.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  #handshake(): Promise<void> {
    return new Promise((resolve, reject) => {
      const read = (bytes: Buffer) => {
        this.#buffer = Buffer.concat([this.#buffer, bytes]);
        const end = this.#buffer.indexOf('\r\n\r\n');
        if (end < 0) return;
        this.#socket.off('data', read);
        const head = this.#buffer.subarray(0, end).toString();
        this.#buffer = this.#buffer.subarray(end + 4);
        if (!head.startsWith('HTTP/1.1 101')) {
          reject(new Error(head.split('\r\n', 1)[0]));
          return;
        }
        this.#socket.on('data', (more) => this.#read(more));
        this.#read(Buffer.alloc(0));
        resolve();
      };
      this.#socket.on('data', read);
      this.#socket.once('close', () => reject(new Error('closed during the handshake')));
    });
  }

  #read(bytes: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
    let got = false;
    for (let frame = nextFrame(this.#buffer); frame; frame = nextFrame(this.#buffer)) {
      this.#buffer = this.#buffer.subarray(frame.size);
      this.#take(frame.opcode, frame.payload);
      got = true;
    }
    if (got) this.#wakeAll();
  }

  #take(opcode: number, payload: Buffer): void {
    if (opcode === 1) {
      this.texts += 1;
      const said = JSON.parse(payload.toString()) as F | F[];
      for (const frame of Array.isArray(said) ? said : [said]) {
        if (this.onFrame) this.onFrame(frame);
        else this.frames.push(frame);
      }
    } else if (opcode === 9) {
      this.#socket.write(maskedFrame(payload, 10));
    } else if (opcode === 8) {
      this.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
      this.closeReason = payload.subarray(2).toString();
      if (!this.#deaf) {
        this.#socket.write(maskedFrame(payload.subarray(0, 2), 8));
        this.#socket.end();
      }
    }
  }
}

function maskedFrame(payload: Buffer, opcode: number): Buffer {
  const length = payload.length;
  const head = length < 126 ? Buffer.alloc(6) : length < 65_536 ? Buffer.alloc(8) : Buffer.alloc(14);
  head[0] = 0x80 | opcode;
  if (length < 126) head[1] = 0x80 | length;
  else if (length < 65_536) {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  // A mask of zeros is a mask: the payload travels as it is.
  return Buffer.concat([head, payload]);
}

function nextFrame(
  buffer: Buffer,
): { readonly opcode: number; readonly payload: Buffer; readonly size: number } | null {
  if (buffer.length < 2) return null;
  const opcode = buffer.readUInt8(0) & 15;
  let length = buffer.readUInt8(1) & 127;
  let head = 2;
  if (length === 126) {
    if (buffer.length < 4) return null;
    length = buffer.readUInt16BE(2);
    head = 4;
  } else if (length === 127) {
    if (buffer.length < 10) return null;
    length = Number(buffer.readBigUInt64BE(2));
    head = 10;
  }
  if (buffer.length < head + length) return null;
  return { opcode, payload: buffer.subarray(head, head + length), size: head + length };
}
