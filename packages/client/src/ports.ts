/** What the client takes from around it: time, chance, and signs that the network or the page came back. */
export interface Ports {
  /** ms, of a clock that never steps back. */
  now(): number;
  /** @returns calls it off */
  after(ms: number, run: () => void): () => void;
  /** At the end of this turn. */
  soon(run: () => void): void;
  /** From 0 to below 1. */
  random(): number;
  /** Unique; 1 to 64 characters. */
  key(): string;
  /** @returns stops watching */
  watch(signs: Signs): () => void;
}

export interface Signs {
  /** The network is there again, or the page is looked at again: whatever was waited for may be had now. */
  wake(): void;
  /** The network is said to be gone. */
  doubt(): void;
}

const LONGEST = 2 ** 31 - 1;

export const HERE: Ports = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, LONGEST));
    return () => clearTimeout(timer);
  },
  soon: (run) => queueMicrotask(run),
  random: () => Math.random(),
  key: () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
  watch({ wake, doubt }) {
    const { addEventListener: add, removeEventListener: remove, document: page } = globalThis as Partial<Page>;
    if (!add || !remove) return () => {};
    const seen = () => page?.visibilityState === 'visible' && wake();
    add('online', wake);
    add('offline', doubt);
    page?.addEventListener('visibilitychange', seen);
    return () => {
      remove('online', wake);
      remove('offline', doubt);
      page?.removeEventListener('visibilitychange', seen);
    };
  },
};

/** What a browser has and Node has not. */
interface Listening {
  addEventListener(event: string, listener: () => void): void;
  removeEventListener(event: string, listener: () => void): void;
}
interface Page extends Listening {
  readonly document: Listening & { readonly visibilityState: string };
}
