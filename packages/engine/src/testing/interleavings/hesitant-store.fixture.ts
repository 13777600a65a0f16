import { MemoryStore } from '../../memory/memory-store.ts';

/**
 * A store whose answers come when the test says so. Calls take effect in order; writes are answered then, what was read
 * may be on its way for longer.
 */
export class HesitantStore extends MemoryStore {
  /** Off: it answers at once. */
  hesitates = false;
  readonly #waiting: (() => void)[] = [];
  readonly #reads: (() => void)[] = [];

  get idle(): boolean {
    return this.#waiting.length === 0 && this.#reads.length === 0;
  }

  answer(count: number): void {
    for (const go of this.#waiting.splice(0, count)) go();
  }

  answerRead(): void {
    this.#reads.shift()?.();
  }

  #later<T>(work: () => Promise<T>): Promise<T> {
    if (!this.hesitates) return work();
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        work().then(resolve, reject);
      });
    });
  }

  override append(...args: Parameters<MemoryStore['append']>): ReturnType<MemoryStore['append']> {
    return this.#later(() => super.append(...args));
  }

  override head(...args: Parameters<MemoryStore['head']>): ReturnType<MemoryStore['head']> {
    return this.#later(() => super.head(...args));
  }

  override keptChannels(...args: Parameters<MemoryStore['keptChannels']>): ReturnType<MemoryStore['keptChannels']> {
    return this.#later(() => super.keptChannels(...args));
  }

  override history(...args: Parameters<MemoryStore['history']>): ReturnType<MemoryStore['history']> {
    return this.#later(async () => {
      const items = await super.history(...args);
      if (this.hesitates) await new Promise<void>((resolve) => this.#reads.push(resolve));
      return items;
    });
  }

  override commit(...args: Parameters<MemoryStore['commit']>): ReturnType<MemoryStore['commit']> {
    return this.#later(() => super.commit(...args));
  }
}
