import type { Bundle } from './bundle.ts';
import { FunctionWorker, type WorkerEvents, type WorkerSettings } from './function-worker.ts';
import type { Pending } from './pending.ts';

/** A call whose code runs for longer than this has its worker to itself for as long. */
const STALLED_MS = 25;

/** One place of a pool: a worker, the calls it has, and what was last seen of it. */
export class Slot {
  readonly worker: FunctionWorker;
  readonly calls = new Map<number, Pending>();
  /** Handed over at the end of the turn. */
  batch: Pending[] = [];
  readonly #startedAt: number;
  #seen = 0;
  #since = 0;
  #silentSince: number | null = null;

  constructor(bundles: readonly Bundle[], settings: WorkerSettings, events: WorkerEvents, now: number) {
    this.#startedAt = now;
    this.worker = new FunctionWorker(bundles, settings, events);
  }

  /** Whether more may be given to it: it runs, and nothing in it blocks the rest. */
  mayTake(most: number, now: number): boolean {
    return this.worker.ready && this.calls.size < most && !this.#isStalled(now) && !this.isAlone;
  }

  /** A call that may have taken a worker down has one to itself. */
  get isAlone(): boolean {
    for (const call of this.calls.values()) return call.suspect;
    return false;
  }

  take(call: Pending): void {
    this.calls.set(call.id, call);
    this.batch.push(call);
  }

  flush(): void {
    if (this.batch.length === 0) return;
    this.worker.send(this.batch.map(({ id, name, input, timeout }) => [id, name, input, timeout]));
    this.batch = [];
  }

  /** Looked at every few ms: why it has to be ended, or `null`. */
  watch(now: number, startTimeout: number): string | null {
    if (!this.worker.ready) return now - this.#startedAt > startTimeout ? 'it did not load in time' : null;
    const running = this.worker.running;
    if (running !== this.#seen) {
      this.#seen = running;
      this.#since = now;
    }
    if (running !== 0) {
      const timeout = this.calls.get(running)?.timeout ?? 0;
      return now - this.#since > timeout ? `it took longer than ${timeout} ms` : null;
    }
    return this.#isSilent(now) ? 'what it left behind never ended' : null;
  }

  /** Nothing runs that was called, and yet it does not answer: something that was left behind loops. */
  #isSilent(now: number): boolean {
    if (this.calls.size === 0 || this.worker.responsive) {
      this.#silentSince = null;
      if (this.calls.size > 0) this.worker.ping();
      return false;
    }
    this.#silentSince ??= now;
    const longest = Math.max(...Array.from(this.calls.values(), ({ timeout }) => timeout));
    return now - this.#silentSince > longest;
  }

  #isStalled(now: number): boolean {
    const running = this.worker.running;
    return running !== 0 && running === this.#seen && now - this.#since > STALLED_MS;
  }
}
