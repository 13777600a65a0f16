import type { Clock, OutboxResult } from '@portcullis/engine';

/** ms before a store that failed is asked again. */
const AGAIN = 1_000;

type Failed = NonNullable<OutboxResult['failed']>[number];
type Dead = NonNullable<OutboxResult['dead']>[number];

export interface ResultDeps {
  readonly clock: Clock;
  readonly settle: (result: OutboxResult) => Promise<void>;
  readonly onFault: (error: unknown) => void;
}

/** What attempts came to, written together once a turn. A store that fails loses none of it. */
export class LaneResults {
  readonly #deps: ResultDeps;
  #done: number[] = [];
  #failed: Failed[] = [];
  #dead: Dead[] = [];
  #writing: Promise<void> | null = null;

  constructor(deps: ResultDeps) {
    this.#deps = deps;
  }

  done(seqs: readonly number[]): void {
    this.#done.push(...seqs);
    this.#writeSoon();
  }

  failed(entries: readonly Failed[]): void {
    this.#failed.push(...entries);
    this.#writeSoon();
  }

  dead(entries: readonly Dead[]): void {
    this.#dead.push(...entries);
    this.#writeSoon();
  }

  /** Resolves when all of it is written, or the store failed. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#pending > 0) await this.#write();
  }

  get #pending(): number {
    return this.#done.length + this.#failed.length + this.#dead.length;
  }

  #writeSoon(): void {
    if (this.#writing !== null) return;
    const turn = new Promise<void>((resolve) => this.#deps.clock.endOfTurn(resolve));
    this.#writing = turn
      .then(() => this.#writeAll())
      .finally(() => {
        this.#writing = null;
      });
  }

  async #writeAll(): Promise<void> {
    while (this.#pending > 0) if (!(await this.#write())) return;
  }

  async #write(): Promise<boolean> {
    const result = { done: this.#done, failed: this.#failed, dead: this.#dead };
    this.#done = [];
    this.#failed = [];
    this.#dead = [];
    try {
      await this.#deps.settle(result);
      return true;
    } catch (error) {
      this.#done.unshift(...result.done);
      this.#failed.unshift(...result.failed);
      this.#dead.unshift(...result.dead);
      this.#deps.onFault(error);
      this.#deps.clock.after(AGAIN, () => this.#writeSoon());
      return false;
    }
  }
}
