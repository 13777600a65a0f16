import { isPromise, type MaybePromise } from '@portcullis/engine';

export interface InOrderOwner<T> {
  /** Handles one item. Never throws and never rejects. */
  handle(item: T): MaybePromise<void>;
  /** Items that may wait before `pause` is called; what was read already may still come. */
  mostWaiting(): number;
  pause(): void;
  resume(): void;
  /** What took time has been handled, and all that waited for it. */
  idle(): void;
}

/** Handles items one after the other: while one takes time, those behind it wait, and the source is asked to pause. */
export class InOrder<T> {
  readonly #owner: InOrderOwner<T>;
  /** `null` while none waits: most connections are idle. */
  #waiting: T[] | null = null;
  #at = 0;
  #busy = false;
  #paused = false;
  #stopped = false;

  constructor(owner: InOrderOwner<T>) {
    this.#owner = owner;
  }

  /** Whether the source was asked to pause. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Whether an item takes time. Those behind it wait. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Has the source pause, as if the most that may wait were waiting, until what waits has been handled. */
  hold(): void {
    if (this.#paused || !this.#busy || this.#stopped) return;
    this.#paused = true;
    this.#owner.pause();
  }

  push(item: T): void {
    if (this.#stopped) return;
    if (!this.#busy) {
      this.#run(item);
      return;
    }
    this.#waiting ??= [];
    this.#waiting.push(item);
    if (this.#waiting.length - this.#at >= this.#owner.mostWaiting()) this.hold();
  }

  /** Forgets what waits and takes no more. */
  stop(): void {
    this.#stopped = true;
    this.#forget();
  }

  #run(item: T): void {
    const pending = this.#owner.handle(item);
    if (!isPromise(pending)) return;
    this.#busy = true;
    const settled = () => this.#settled();
    pending.then(settled, settled);
  }

  #settled(): void {
    this.#busy = false;
    while (!this.#busy && this.#waiting !== null && this.#at < this.#waiting.length) {
      const item = this.#waiting[this.#at++] as T;
      this.#run(item);
    }
    if (this.#waiting !== null && this.#at < this.#waiting.length) return;
    this.#forget();
    if (!this.#stopped) this.#owner.idle();
    if (this.#busy || !this.#paused || this.#stopped) return;
    this.#paused = false;
    this.#owner.resume();
  }

  #forget(): void {
    this.#waiting = null;
    this.#at = 0;
  }
}
