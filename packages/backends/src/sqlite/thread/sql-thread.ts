import { Worker } from 'node:worker_threads';
import { type Call, type Command, listed, refusing, settle } from './call.ts';
import type { FromThread, Row, Statement, ThreadOptions, ToThread, Unit } from './protocol.ts';
import { ThreadStartError } from './sql-errors.ts';

export type { Command } from './call.ts';

export interface WriteOptions {
  /** Not at the end of the turn but now, along with what the turn has handed over before it. */
  readonly soon?: boolean;
  /** The first command has to change a row, or nothing happens. */
  readonly guarded?: boolean;
  /** What to reject with when the write was refused by its guard or by what is there already. */
  readonly refusal?: () => Error;
}

const WORKER = new URL('./worker.js', import.meta.url);

/**
 * The database as the main thread sees it. What is handed over in one turn goes to the thread together (what is to go
 * `soon` does not wait for the rest of it) and becomes one transaction, along with whatever else arrives while the one
 * before is being written. Answers come in order.
 */
export class SqlThread {
  readonly #worker: Worker;
  /** Called if the thread ends without having been asked to. */
  readonly #onLost: (error: Error) => void;
  readonly #exit: Promise<void>;
  /** Handed over in this turn. */
  #turn: Call[] = [];
  /** The end of the turn has something to hand over, unless it went sooner. */
  #waits = false;
  /** With the thread, oldest first. */
  #sent: Call[] = [];
  readonly #texts = new Map<string, number>();
  #ended: Error | null = null;
  #closing: Promise<void> | null = null;

  private constructor(worker: Worker, exit: Promise<void>, onLost: (error: Error) => void) {
    this.#worker = worker;
    this.#exit = exit;
    this.#onLost = onLost;
  }

  /** Rejects with a `ThreadStartError`. */
  static async start(
    options: ThreadOptions & { readonly onLost: (error: Error) => void; readonly script?: URL },
  ): Promise<SqlThread> {
    const { onLost, script = WORKER, ...workerData } = options;
    const worker = new Worker(script, { workerData, execArgv: [], name: 'portcullis-sqlite' });
    const exit = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    await new Promise<void>((resolve, reject) => {
      worker.once('message', (message: FromThread) => {
        if (message.type === 'failed') void exit.then(() => reject(new ThreadStartError(message)));
        else resolve();
      });
      worker.once('error', reject);
    });
    const thread = new SqlThread(worker, exit, onLost);
    worker.removeAllListeners('error');
    worker.on('message', (message: FromThread) => thread.#receive(message));
    worker.on('error', (error: unknown) => thread.#lose(toError(error)));
    void exit.then(() => thread.#lose(new Error('The thread of the database ended.')));
    return thread;
  }

  /**
   * All of the commands or none. Resolves with the rows changed once they are on the disk. Given as a function, they
   * are asked for when the turn ends.
   */
  write(commands: Call['commands'], options: WriteOptions = {}): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#hand({
        writes: true,
        guarded: options.guarded === true,
        commands,
        resolve: resolve as Call['resolve'],
        reject: options.refusal ? refusing(reject, options.refusal) : reject,
      });
      if (options.soon) this.#flush();
    });
  }

  /** Sees every write before it. Integers come as `bigint`. */
  read(...command: Command): Promise<readonly Row[]> {
    return new Promise((resolve, reject) => {
      this.#hand({ writes: false, guarded: false, commands: [command], resolve: resolve as Call['resolve'], reject });
    });
  }

  /** Resolves when everything handed over is on the disk and the file is closed. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (!this.#ended) {
      this.#flush();
      this.#post({ type: 'close' });
    }
    await this.#exit;
  }

  #hand(call: Call): void {
    const gone = this.#ended ?? (this.#closing !== null ? new Error('The store is closed.') : null);
    if (gone) {
      call.reject(gone);
      return;
    }
    this.#turn.push(call);
    if (this.#waits) return;
    this.#waits = true;
    setImmediate(() => {
      this.#waits = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#turn.length === 0) return;
    const calls = this.#turn;
    this.#turn = [];
    if (this.#ended) {
      for (const call of calls) call.reject(this.#ended);
      return;
    }
    const texts: string[] = [];
    const units = calls.map(({ writes, guarded, commands }): Unit => {
      return { writes, guarded, statements: listed(commands).map((command) => this.#toStatement(command, texts)) };
    });
    for (const call of calls) this.#sent.push(call);
    this.#post({ type: 'batch', texts, units });
  }

  #toStatement([sql, ...values]: Command, added: string[]): Statement {
    let text = this.#texts.get(sql);
    if (text === undefined) {
      text = this.#texts.size;
      this.#texts.set(sql, text);
      added.push(sql);
    }
    return [text, ...values];
  }

  #post(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromThread): void {
    if (message.type !== 'answers') return;
    const answered = this.#sent;
    this.#sent = answered.slice(message.answers.length);
    for (const [index, answer] of message.answers.entries()) settle(answered[index], answer);
  }

  #lose(error: Error): void {
    if (this.#ended) return;
    this.#ended = this.#closing !== null ? new Error('The store is closed.') : error;
    for (const call of [...this.#sent, ...this.#turn]) call.reject(this.#ended);
    this.#sent = [];
    this.#turn = [];
    if (this.#closing === null) this.#onLost(error);
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
