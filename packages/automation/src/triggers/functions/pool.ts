import type { Clock, Log } from '@portcullis/engine';
import type { FunctionResult, Functions } from '../steps/call-function.ts';
import type { Bundle } from './bundle.ts';
import type { WorkerSettings } from './function-worker.ts';
import type { Pending } from './pending.ts';
import { failed, resultOf } from './result.ts';
import { Slot } from './slot.ts';
import type { WorkerAnswer } from './worker-protocol.ts';

export interface PoolSettings extends WorkerSettings {
  readonly workers: number;
  /** Calls at once, waiting ones included. */
  readonly pending: number;
  /** ms after which a call is given up that found no worker in time. */
  readonly wait: number;
}

export interface PoolDeps {
  readonly clock: Clock;
  /** ms of a clock that only measures. */
  readonly measure: () => number;
  /** Bytes of memory of the whole process. */
  readonly memory: () => number;
  readonly log: Log;
}

const WATCH_MS = 20;
const START_MS = 10_000;
/** A worker that could not even load is tried again after this. */
const RETRY_MS = 1_000;
/** Calls one worker holds at once. */
const MOST_PER_WORKER = 256;
/** A call lost so often is given up. */
const MOST_LOST = 3;
/** Memory outside the heaps that calls may take together, beyond what was there before. */
const OUTSIDE_BYTES = 512 * 1024 * 1024;

/**
 * Calls functions in worker threads. A call that loops, allocates without end, exits or crashes takes its worker down and
 * fails; the other calls of that worker are made again in another one. Calls of one turn go over together.
 */
export class FunctionPool implements Functions {
  readonly #bundles: readonly Bundle[];
  readonly #settings: PoolSettings;
  readonly #deps: PoolDeps;
  readonly #slots = new Set<Slot>();
  readonly #calls = new Map<number, Pending>();
  #queue: Pending[] = [];
  #suspects: Pending[] = [];
  #lastId = 0;
  #dispatching = false;
  #stopWatch: (() => void) | null = null;
  #memoryBefore = 0;
  #closed = false;

  constructor(bundles: readonly Bundle[], settings: PoolSettings, deps: PoolDeps) {
    this.#bundles = bundles;
    this.#settings = settings;
    this.#deps = deps;
    for (let n = 0; n < settings.workers; n += 1) this.#open();
  }

  call(name: string, input: string, timeout: number): Promise<FunctionResult> {
    const { pending, wait } = this.#settings;
    if (this.#closed) return Promise.resolve(failed('the server is stopping'));
    if (this.#calls.size >= pending) return Promise.resolve(failed(`more than ${pending} calls are under way`));
    return new Promise((settle) => {
      this.#lastId = (this.#lastId % 0x3fffffff) + 1;
      const deadline = this.#deps.measure() + timeout + wait;
      const call: Pending = { id: this.#lastId, name, input, timeout, deadline, settle, lost: 0, suspect: false };
      this.#calls.set(call.id, call);
      this.#queue.push(call);
      this.#dispatchLater();
      this.#watchLater();
    });
  }

  /** Ends all workers; whoever still waits is told that the call failed. */
  close(): void {
    this.#closed = true;
    this.#stopWatch?.();
    for (const { worker } of this.#slots) worker.discard();
    this.#slots.clear();
    for (const call of [...this.#calls.values()]) this.#settle(call, failed('the server is stopping'));
  }

  /** Ends once nobody waits any more. */
  retire(): void {
    if (this.#calls.size === 0) this.close();
    else this.#deps.clock.after(WATCH_MS, () => this.retire());
  }

  #open(): void {
    if (this.#closed) return;
    const slot: Slot = new Slot(
      this.#bundles,
      this.#settings,
      {
        ready: (problems) => {
          for (const [name, problem] of problems) this.#deps.log.error('trigger.function-unusable', { name, problem });
          this.#dispatchLater();
        },
        answered: (answers) => this.#answered(slot, answers),
        gone: (running, reason) => this.#gone(slot, running, reason),
      },
      this.#deps.measure(),
    );
    this.#slots.add(slot);
  }

  /** At the end of the turn: then all of it is shared out, and goes over, together. */
  #dispatchLater(): void {
    if (this.#dispatching) return;
    this.#dispatching = true;
    this.#deps.clock.endOfTurn(() => {
      this.#dispatching = false;
      if (!this.#closed) this.#dispatch();
    });
  }

  #dispatch(): void {
    const now = this.#deps.measure();
    const usable = [...this.#slots].filter((slot) => slot.mayTake(MOST_PER_WORKER, now));
    while (this.#suspects.length > 0) {
      const idle = usable.findIndex(({ calls }) => calls.size === 0);
      const suspect = idle < 0 ? undefined : this.#suspects.shift();
      if (!suspect) break;
      usable.splice(idle, 1)[0]?.take(suspect);
    }
    while (this.#queue.length > 0 && usable.length > 0) {
      const slot = usable.reduce((a, b) => (b.calls.size < a.calls.size ? b : a));
      if (slot.calls.size >= MOST_PER_WORKER) break;
      const call = this.#queue.shift();
      if (call && this.#calls.has(call.id)) slot.take(call);
    }
    for (const slot of this.#slots) slot.flush();
  }

  #answered(slot: Slot, answers: readonly WorkerAnswer[]): void {
    for (const answer of answers) {
      const call = slot.calls.get(answer[0]);
      slot.calls.delete(answer[0]);
      if (call) this.#settle(call, resultOf(answer));
    }
    if (this.#queue.length > 0 || this.#suspects.length > 0) this.#dispatchLater();
  }

  #settle(call: Pending, result: FunctionResult): void {
    if (this.#calls.delete(call.id)) call.settle(result);
  }

  /** A worker is gone, and with it the call whose code ran. Where none did, each of its calls is tried alone. */
  #gone(slot: Slot, running: number, reason: string): void {
    this.#slots.delete(slot);
    const calls = [...slot.calls.values()];
    const culprit = slot.calls.get(running) ?? (calls.length === 1 ? calls[0] : undefined);
    this.#deps.log.warn('trigger.worker-lost', { function: culprit?.name ?? null, reason });
    for (const call of calls) {
      call.lost += 1;
      if (call === culprit || call.lost > MOST_LOST) this.#settle(call, failed(reason));
      else if (culprit) this.#queue.unshift(call);
      else this.#suspects.push(Object.assign(call, { suspect: true }));
    }
    if (slot.worker.ready) this.#open();
    else {
      for (const call of this.#queue.splice(0)) this.#settle(call, failed(`its worker could not start: ${reason}`));
      this.#deps.clock.after(RETRY_MS, () => this.#open());
    }
    this.#dispatchLater();
  }

  #watchLater(): void {
    if (this.#stopWatch || this.#calls.size === 0 || this.#closed) return;
    this.#memoryBefore = this.#deps.memory();
    this.#watchNext();
  }

  #watchNext(): void {
    this.#stopWatch = this.#deps.clock.after(WATCH_MS, () => {
      this.#stopWatch = null;
      this.#watch();
      if (this.#calls.size > 0 && !this.#closed) this.#watchNext();
    });
  }

  #watch(): void {
    const now = this.#deps.measure();
    for (const call of this.#calls.values()) {
      if (now > call.deadline) this.#settle(call, failed('no worker had time for it'));
    }
    const tooMuch = this.#deps.memory() - this.#memoryBefore > OUTSIDE_BYTES;
    for (const slot of this.#slots) {
      const reason = slot.watch(now, START_MS);
      if (reason !== null) slot.worker.end(reason);
      else if (tooMuch && slot.worker.running !== 0) slot.worker.end('it took too much memory');
    }
    if (this.#queue.length > 0 || this.#suspects.length > 0) this.#dispatchLater();
  }
}
