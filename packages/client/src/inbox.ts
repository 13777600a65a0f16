import { ownError, type PortcullisError } from './portcullis-error.ts';

/** What an iterator has not read yet: bounded, and over its bound it ends with an error behind what it holds. */
export class Inbox<T> implements AsyncIterableIterator<T> {
  readonly #size: number;
  readonly #channel: string;
  readonly #onEnd: (inbox: Inbox<T>) => void;
  readonly #items: T[] = [];
  readonly #readers: { resolve(result: IteratorResult<T>): void; reject(error: unknown): void }[] = [];
  #ended = false;
  #error: PortcullisError | undefined;

  constructor(size: number, channel: string, onEnd: (inbox: Inbox<T>) => void) {
    this.#size = size;
    this.#channel = channel;
    this.#onEnd = onEnd;
  }

  push(item: T): void {
    if (this.#ended) return;
    const reader = this.#readers.shift();
    if (reader) reader.resolve({ value: item, done: false });
    else if (this.#items.length < this.#size) this.#items.push(item);
    else this.end(ownError('client.buffer-full', this.#channel));
  }

  /** Nothing further comes; with an error, the reader is told once it has read what is left. */
  end(error?: PortcullisError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#onEnd(this);
    for (const reader of this.#readers.splice(0)) {
      if (this.#error) reader.reject(this.#takeError());
      else reader.resolve({ value: undefined, done: true });
    }
  }

  next(): Promise<IteratorResult<T>> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve({ value: item, done: false });
    if (this.#error) return Promise.reject(this.#takeError());
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<T>> {
    this.#items.length = 0;
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #takeError(): PortcullisError | undefined {
    const error = this.#error;
    this.#error = undefined;
    return error;
  }
}
