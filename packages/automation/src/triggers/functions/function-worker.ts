import { Worker } from 'node:worker_threads';
import type { Bundle } from './bundle.ts';
import type { FromWorker, ToWorker, WorkerAnswer, WorkerCall, WorkerData } from './worker-protocol.ts';

export interface WorkerSettings {
  /** MiB of heap. */
  readonly memory: number;
  readonly longest: number;
  readonly publishes: number;
  /** What its functions see as environment. */
  readonly env: Readonly<Record<string, string>>;
}

export interface WorkerEvents {
  readonly ready: (problems: readonly (readonly [name: string, problem: string])[]) => void;
  readonly answered: (answers: readonly WorkerAnswer[]) => void;
  /** It is gone; `running`: the id of the call whose code ran at that moment, 0 for none. `ended` by whom it was ended. */
  readonly gone: (running: number, reason: string) => void;
}

/** One thread for trigger functions, from its start to its end, whoever ends it. */
export class FunctionWorker {
  readonly #worker: Worker;
  readonly #running: Int32Array;
  #gone = false;
  #pinged = false;
  #reason = 'its thread ended';
  ready = false;

  constructor(bundles: readonly Bundle[], settings: WorkerSettings, events: WorkerEvents) {
    const shared = new SharedArrayBuffer(4);
    this.#running = new Int32Array(shared);
    const workerData: WorkerData = {
      shared,
      functions: bundles.flatMap((bundle) => (bundle.ok ? [{ name: bundle.name, text: bundle.text }] : [])),
      longest: settings.longest,
      publishes: settings.publishes,
    };
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData,
      name: 'portcullis-triggers',
      env: { ...settings.env },
      stdout: true,
      stderr: true,
      execArgv: [],
      resourceLimits: {
        maxOldGenerationSizeMb: settings.memory,
        maxYoungGenerationSizeMb: Math.min(32, settings.memory),
      },
    });
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#worker.unref();
    this.#worker.on('message', (message: FromWorker) => this.#hear(message, events));
    this.#worker.on('error', (error: Error & { readonly code?: string }) => {
      this.#reason = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it took too much memory' : 'its thread crashed';
    });
    this.#worker.on('exit', () => {
      if (this.#gone) return;
      this.#gone = true;
      events.gone(this.running, this.#reason);
    });
  }

  /** The call whose code runs at the moment; 0: none. */
  get running(): number {
    return Atomics.load(this.#running, 0);
  }

  /** Whether it answered when it was asked last whether it is alive. */
  get responsive(): boolean {
    return !this.#pinged;
  }

  send(calls: readonly WorkerCall[]): void {
    this.#worker.postMessage({ type: 'calls', calls } satisfies ToWorker);
  }

  ping(): void {
    if (this.#pinged) return;
    this.#pinged = true;
    this.#worker.postMessage({ type: 'ping' } satisfies ToWorker);
  }

  /** Ends it from outside, whatever it does. */
  end(reason: string): void {
    this.#reason = reason;
    void this.#worker.terminate();
  }

  /** Ends it without anybody being told. */
  discard(): void {
    this.#gone = true;
    void this.#worker.terminate();
  }

  #hear(message: FromWorker, events: WorkerEvents): void {
    if (this.#gone) return;
    switch (message.type) {
      case 'ready':
        this.ready = true;
        events.ready(message.problems);
        return;
      case 'answers':
        events.answered(message.answers);
        return;
      case 'pong':
        this.#pinged = false;
        return;
    }
  }
}
