import { HERE, type Ports, type Signs } from './ports.ts';

/** Time that passes when a test says so, and chance that is always in the middle. */
export class TestClock {
  time = 1_700_000_000_000;
  random = 0.5;
  signs: Signs | undefined;
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();
  #keys = 0;

  readonly ports: Ports = {
    ...HERE,
    now: () => this.time,
    after: (ms, run) => {
      const timer = { at: this.time + ms, run };
      this.#timers.add(timer);
      return () => this.#timers.delete(timer);
    },
    random: () => this.random,
    key: () => `key-${++this.#keys}`,
    watch: (signs) => {
      this.signs = signs;
      return () => {
        this.signs = undefined;
      };
    },
  };

  /** ms until each timer that runs. */
  get pending(): number[] {
    return [...this.#timers].map(({ at }) => at - this.time).sort((a, b) => a - b);
  }

  async pass(ms: number): Promise<void> {
    const until = this.time + ms;
    for (;;) {
      await turn();
      const due = [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.time = Math.max(this.time, due.at);
      due.run();
    }
    this.time = until;
    await turn();
  }
}

/** Everything that is on its way without a timer arrives. */
export async function turn(): Promise<void> {
  for (let round = 0; round < 3; round += 1) await new Promise((resolve) => setImmediate(resolve));
}
