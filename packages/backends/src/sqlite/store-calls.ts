import type { Log, Timetoken, Told } from '@portcullis/engine';
import { addEntries } from './outbox-sql.ts';
import type { Row } from './thread/protocol.ts';
import { SqlRefusal } from './thread/sql-errors.ts';
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

  /** A write that parts no heads: of what hangs on no channel. */
  writeApart(commands: readonly Command[]): Promise<number> {
    return this.#sql.write(commands);
  }

  /** One command, and what is told of it if it changes something. Answers whether it did. */
  async writeTold(command: Command, told: Told | undefined): Promise<boolean> {
    if (!told || told.length === 0) return (await this.write([command])) > 0;
    try {
      return (await this.write([command, ...addEntries(told)], { guarded: true })) > 0;
    } catch (error) {
      if (error instanceof SqlRefusal && error.kind === 'guard') return false;
      throw error;
    }
  }

  read(...command: Command): Promise<readonly Row[]> {
    this.#heads = null;
    return this.#sql.read(...command);
  }

  /** What a write takes away, as it was just before: both are of one transaction. */
  async readAndWrite(read: Command, write: Command, told?: Told): Promise<{ rows: readonly Row[]; changed: boolean }> {
    const [rows, changed] = await Promise.all([this.read(...read), this.writeTold(write, told)]);
    return { rows, changed };
  }

  /** An item, the head it raises, and what goes along. */
  append(channel: string, head: Raised, item: readonly Command[], options: WriteOptions): Promise<number> {
    this.#raiseHead(channel, head);
    return this.#sql.write(item, options);
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
