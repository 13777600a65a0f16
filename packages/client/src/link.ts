import { type ClientMessage, type Connected, type ServerMessage, SUBPROTOCOL } from '@portcullis/protocol';

/** The browser's WebSocket, Node's, or that of the package `ws`. */
export type WebSocketClass = new (url: string, protocol: string) => object;

interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  onerror: (() => void) | null;
  send(text: string): void;
  close(code: number): void;
}

export interface LinkEvents {
  opened(): void;
  said(message: ServerMessage): void;
  /** Once, and nothing comes after it. */
  gone(code: number): void;
}

const ABNORMAL = 1006;
/** Bytes of a frame that any server takes before the first channel is joined. */
export const FIRST_FRAMES = 4_096;
/** Close codes of ours: the client leaves; or it gives this connection up, and will be back. */
export const LEAVES = 1000;
export const GIVES_UP = 4000;
const UTF8 = new TextEncoder();
export const bytesOf = (text: string): number => UTF8.encode(text).length;

/** One WebSocket: messages in, messages out. What is said in one turn shares frames. */
export class Link {
  /** Bytes and messages of a frame, at most; the server says them once it let us in, and nothing but `connect` is said before. */
  #maxFrame = 16_384;
  #maxCommands = 1;
  #maxLater = 0;
  readonly #socket: Socket;
  readonly #events: LinkEvents;
  readonly #soon: (run: () => void) => void;
  #waiting: string[] = [];
  #over = false;

  /** Throws where the address is none. */
  constructor(Class: WebSocketClass, url: string, events: LinkEvents, soon: (run: () => void) => void) {
    this.#events = events;
    this.#soon = soon;
    const socket = new Class(url, SUBPROTOCOL) as Socket;
    this.#socket = socket;
    socket.onopen = () => !this.#over && events.opened();
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = ({ code }) => this.#gone(code);
    // A close follows; unheard, an error of `ws` would end the process.
    socket.onerror = () => {};
  }

  /** What the server says it takes: of frames, once the first channel is joined. */
  takes({ maxFrame, maxCommands }: Connected): void {
    this.#maxFrame = Math.min(maxFrame, FIRST_FRAMES);
    this.#maxLater = maxFrame;
    this.#maxCommands = maxCommands;
  }

  say(message: ClientMessage): void {
    if (this.#over) return;
    if (this.#waiting.length === 0) this.#soon(() => this.#flush());
    this.#waiting.push(JSON.stringify(message));
  }

  /** Leaves at once, without waiting for the other end; `gone` is not called. */
  drop(code: number): void {
    if (this.#over) return;
    this.#flush();
    this.#over = true;
    try {
      this.#socket.close(code);
    } catch {
      // Closed already, or never opened.
    }
  }

  #flush(): void {
    const texts = this.#waiting;
    this.#waiting = [];
    if (this.#over) return;
    let frame: string[] = [];
    let size = 1;
    for (const text of texts) {
      const bytes = bytesOf(text) + 1;
      if (frame.length === this.#maxCommands || (frame.length > 0 && size + bytes > this.#maxFrame)) {
        this.#send(frame);
        frame = [];
        size = 1;
      }
      frame.push(text);
      size += bytes;
    }
    this.#send(frame);
  }

  #send(texts: readonly string[]): void {
    if (texts.length === 0) return;
    try {
      this.#socket.send(texts.length === 1 ? String(texts[0]) : `[${texts.join()}]`);
    } catch {
      // Not open any more: its close is on the way, and what was said is said again on the next one.
    }
  }

  #hear(data: unknown): void {
    if (this.#over) return;
    let said: readonly ServerMessage[];
    try {
      const read: unknown = JSON.parse(String(data));
      said = Array.isArray(read) ? read : [read];
    } catch {
      this.drop(GIVES_UP);
      this.#events.gone(ABNORMAL);
      return;
    }
    // One may end the link.
    for (const message of said) {
      if (this.#over) return;
      if (message.type === 'joined') this.#maxFrame = this.#maxLater;
      this.#events.said(message);
    }
  }

  #gone(code: number): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.gone(code);
  }
}
