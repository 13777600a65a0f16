import type { Log, Timetoken } from '@portcullis/engine';
import type { Row } from './thread/protocol.ts';
import type { Command, SqlThread, WriteOptions } from './thread/sql-thread.ts';

/** A channel's head, raised by an item of this timetoken. */
export interface Raised {
  readonly timetoken: Timetoken;
  readonly command: Command;
}

/** The calls of the store on their way to the thread, in their order. */
export class StoreCalls {
  readonly #sql: SqlThread;
  readonly #log: Log;
  /** Heads that the appends since the last other call raise, by channel: written once for all of them, and before them. */
  #heads: Map<string, Raised> | null = null;
  #closed = false;

  constructor(sql: SqlThread, log: Log) {
    this.#sql = sql;
    this.#log = log;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** What stands between two appends parts their heads too: an app may be deleted there. */
  write(commands: readonly Command[], options: WriteOptions = {}): Promise<number> {
    this.#heads = null;
    return this.#sql.write(commands, options);
  }

  read(...command: Command): Promise<readonly Row[]> {
    this.#heads = null;
    return this.#sql.read(...command);
  }

  /** What a write takes away, as it was just before: both are of one transaction. */
  async readAndWrite(read: Command, write: Command): Promise<{ rows: readonly Row[]; changed: number }> {
    const [rows, changed] = await Promise.all([this.read(...read), this.write([write])]);
    return { rows, changed };
  }

  /** An item and the head it raises. */
  append(channel: string, head: Raised, item: Command, options: WriteOptions): Promise<number> {
    this.#raiseHead(channel, head);
    return this.#sql.write([item], options);
  }

  /** Housekeeping: nobody waits for it, and it comes round again. It parts no heads, so it must not take channels away. */
  tidy(commands: readonly Command[]): void {
    this.#sql.write(commands).catch((error: unknown) => this.#log.debug('store.tidying-failed', { error }));
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#sql.close();
  }

  #raiseHead(channel: string, head: Raised): void {
    if (this.#heads) {
      const before = this.#heads.get(channel);
      if (!before || before.timetoken < head.timetoken) this.#heads.set(channel, head);
      return;
    }
    const heads = new Map([[channel, head]]);
    this.#heads = heads;
    const raised = this.#sql.write(() => {
      if (this.#heads === heads) this.#heads = null;
      return [...heads.values()].map(({ command }) => command);
    });
    // The items themselves fail in the same transaction, and say so.
    raised.catch(() => {});
  }
}
