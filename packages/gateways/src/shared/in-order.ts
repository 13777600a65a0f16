import { isPromise, type MaybePromise } from '@portcullis/engine';

export interface InOrderDeps<T> {
  /** Handles one item. Never throws and never rejects. */
  readonly handle: (item: T) => MaybePromise<void>;
  /** Items that may wait before `pause` is called; what was read already may still come. */
  readonly max: () => number;
  readonly pause: () => void;
  readonly resume: () => void;
}

/** Handles items one after the other: while one takes time, those behind it wait, and the source is asked to pause. */
export class InOrder<T> {
  readonly #deps: InOrderDeps<T>;
  #waiting: T[] = [];
  #at = 0;
  #busy = false;
  #paused = false;
  #stopped = false;

  constructor(deps: InOrderDeps<T>) {
    this.#deps = deps;
  }

  /** Whether the source was asked to pause. */
  get paused(): boolean {
    return this.#paused;
  }

  push(item: T): void {
    if (this.#stopped) return;
    if (!this.#busy) {
      this.#run(item);
      return;
    }
    this.#waiting.push(item);
    if (this.#paused || this.#waiting.length - this.#at < this.#deps.max()) return;
    this.#paused = true;
    this.#deps.pause();
  }

  /** Forgets what waits and takes no more. */
  stop(): void {
    this.#stopped = true;
    this.#waiting = [];
    this.#at = 0;
  }

  #run(item: T): void {
    const pending = this.#deps.handle(item);
    if (!isPromise(pending)) return;
    this.#busy = true;
    pending.then(this.#settle, this.#settle);
  }

  readonly #settle = (): void => {
    this.#busy = false;
    while (!this.#busy && this.#at < this.#waiting.length) {
      const item = this.#waiting[this.#at++] as T;
      this.#run(item);
    }
    if (this.#at < this.#waiting.length) return;
    this.#waiting = [];
    this.#at = 0;
    if (!this.#paused || this.#stopped) return;
    this.#paused = false;
    this.#deps.resume();
  };
}
