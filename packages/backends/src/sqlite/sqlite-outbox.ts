import type {
  DeadLetter,
  DeadLettersQuery,
  LetterMove,
  OutboxEntry,
  OutboxQuery,
  OutboxResult,
  OutboxTotal,
  StoredListener,
  StoreOutbox,
  WaitingEntry,
} from '@portcullis/engine';
import { atMost } from './integers.ts';
import {
  addEntries,
  deleteLetters,
  reviveLetters,
  SELECT_LETTERS,
  SELECT_LETTERS_NAMED,
  SELECT_TOTALS,
  SELECT_WAITING,
  SELECT_WAITING_OF,
  settleCommands,
  TRIM_LETTERS,
  toEntry,
  toLetter,
  toWaiting,
} from './outbox-sql.ts';
import { fromText, toText } from './sql-text.ts';
import type { StoreCalls } from './store-calls.ts';

const PUT_LISTENER = `INSERT INTO listeners (app, name, body) VALUES (?, ?, ?)
  ON CONFLICT (app, name) DO UPDATE SET body = excluded.body`;

/** What waits for actions, what was given up, and listeners made here. */
export class SqliteOutbox implements StoreOutbox {
  readonly #calls: StoreCalls;

  constructor(calls: StoreCalls) {
    this.#calls = calls;
  }

  async enqueue(entries: readonly OutboxEntry[]): Promise<void> {
    if (entries.length > 0) await this.#calls.writeApart(addEntries(entries));
  }

  async waiting({ app, action, after, channel, limit }: OutboxQuery): Promise<readonly WaitingEntry[]> {
    const [of, most] = [[toText(app), toText(action)] as const, atMost(limit)];
    const rows =
      channel === undefined
        ? await this.#calls.read(SELECT_WAITING, ...of, after, most)
        : await this.#calls.read(SELECT_WAITING_OF, ...of, toText(channel), after, most);
    return rows.map((row) => toWaiting(app, action, row));
  }

  async settle(_app: string, _action: string, result: OutboxResult): Promise<void> {
    const commands = settleCommands(result);
    if (commands.length > 0) await this.#calls.writeApart(commands);
  }

  async outboxTotals(): Promise<readonly OutboxTotal[]> {
    const rows = await this.#calls.read(SELECT_TOTALS);
    return rows.map(([app, action, count, bytes, lastSeq]) => ({
      app: fromText(String(app)),
      action: fromText(String(action)),
      count: Number(count),
      bytes: Number(bytes),
      lastSeq: Number(lastSeq),
    }));
  }

  async dropWaiting(app: string, action: string): Promise<void> {
    await this.#calls.write([['DELETE FROM outbox WHERE app = ? AND action = ?', toText(app), toText(action)]]);
  }

  async deadLetters({ app, action, before, limit }: DeadLettersQuery): Promise<readonly DeadLetter[]> {
    const older = before ?? Number.MAX_SAFE_INTEGER;
    const of = action === undefined ? null : toText(action);
    return (await this.#calls.read(SELECT_LETTERS, toText(app), older, of, atMost(limit))).map(toLetter);
  }

  async countDeadLetters(app: string): Promise<number> {
    const [row] = await this.#calls.read('SELECT count(*) FROM dead_letters WHERE app = ?', toText(app));
    return Number(row?.[0] ?? 0);
  }

  async replayLetters(app: string, moves: readonly LetterMove[]): Promise<readonly OutboxEntry[]> {
    const to = new Map(moves.map((move) => [move.seq, move.to]));
    // Read and moved in one turn, and so in one transaction.
    const [rows] = await Promise.all([
      this.#calls.read(SELECT_LETTERS_NAMED, toText(app), JSON.stringify([...to.keys()])),
      this.#calls.write(reviveLetters(app, moves)),
    ]);
    return rows.map(toLetter).map((letter) => toEntry(letter, to.get(letter.seq) ?? letter.seq));
  }

  deleteLetters(app: string, seqs: readonly number[]): Promise<number> {
    return this.#calls.write([deleteLetters(app, seqs)]);
  }

  trimLetters(app: string, keep: number): Promise<number> {
    return this.#calls.write([[TRIM_LETTERS, toText(app), keep]]);
  }

  async putListener({ app, name, body }: StoredListener): Promise<void> {
    await this.#calls.write([[PUT_LISTENER, toText(app), toText(name), body]]);
  }

  async deleteListener(app: string, name: string): Promise<boolean> {
    return (
      (await this.#calls.write([['DELETE FROM listeners WHERE app = ? AND name = ?', toText(app), toText(name)]])) > 0
    );
  }

  async listeners(): Promise<readonly StoredListener[]> {
    const rows = await this.#calls.read('SELECT app, name, body FROM listeners ORDER BY name, app');
    return rows.map(([app, name, body]) => ({
      app: fromText(String(app)),
      name: fromText(String(name)),
      body: String(body),
    }));
  }
}
