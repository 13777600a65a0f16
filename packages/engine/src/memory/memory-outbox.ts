import { utf8Length } from '@portcullis/policy';
import type {
  DeadLetter,
  DeadLettersQuery,
  LetterMove,
  OutboxEntry,
  OutboxQuery,
  OutboxResult,
  OutboxTotal,
  StoredListener,
  Told,
  WaitingEntry,
} from '../ports/store-outbox.ts';

/** What waits for actions, what was given up, and listeners made here: in memory. */
export class MemoryOutbox {
  /** By app, then action, then number; each action's in the order they came, which is that of their numbers. */
  readonly #waiting = new Map<string, Map<string, Map<number, WaitingEntry>>>();
  readonly #letters = new Map<string, Map<number, DeadLetter>>();
  readonly #listeners = new Map<string, Map<string, StoredListener>>();

  add(entries: Told | undefined): void {
    for (const entry of entries ?? []) this.#of(entry).set(entry.seq, { ...entry, attempts: 0, due: 0 });
  }

  page({ app, action, after, channel, limit }: OutboxQuery): readonly WaitingEntry[] {
    const all = [...(this.#waiting.get(app)?.get(action)?.values() ?? [])];
    const there = all.filter((entry) => entry.seq > after && (channel === undefined || entry.channel === channel));
    return there.sort(bySeq).slice(0, Math.max(0, limit));
  }

  settle(app: string, action: string, { done = [], failed = [], dead = [] }: OutboxResult): void {
    const waiting = this.#waiting.get(app)?.get(action);
    for (const { seq, attempts, due } of failed) {
      const entry = waiting?.get(seq);
      if (entry) waiting?.set(seq, { ...entry, attempts, due });
    }
    for (const { seq, attempts, diedAt, reason } of dead) {
      const entry = waiting?.get(seq);
      if (!entry) continue;
      const { due: _, ...rest } = entry;
      this.#lettersOf(app).set(seq, { ...rest, attempts, diedAt, reason });
      waiting?.delete(seq);
    }
    for (const seq of done) waiting?.delete(seq);
  }

  totals(): readonly OutboxTotal[] {
    return [...this.#waiting].flatMap(([app, actions]) =>
      [...actions].flatMap(([action, entries]) => {
        if (entries.size === 0) return [];
        const all = [...entries.values()];
        const bytes = all.reduce((sum, { event }) => sum + utf8Length(event), 0);
        return { app, action, count: all.length, bytes, lastSeq: Math.max(...entries.keys()) };
      }),
    );
  }

  drop(app: string, action: string): void {
    this.#waiting.get(app)?.delete(action);
  }

  letters({ app, action, before = Number.POSITIVE_INFINITY, limit }: DeadLettersQuery): readonly DeadLetter[] {
    const all = [...(this.#letters.get(app)?.values() ?? [])];
    const there = all.filter((letter) => letter.seq < before && (action === undefined || letter.action === action));
    return there.sort(bySeq).reverse().slice(0, Math.max(0, limit));
  }

  countLetters(app: string): number {
    return this.#letters.get(app)?.size ?? 0;
  }

  replay(app: string, moves: readonly LetterMove[]): readonly OutboxEntry[] {
    const letters = this.#letters.get(app);
    const entries = moves.flatMap(({ seq, to }) => {
      const letter = letters?.get(seq);
      if (!letter) return [];
      letters?.delete(seq);
      const { attempts: _, diedAt: __, reason: ___, ...entry } = letter;
      return { ...entry, seq: to };
    });
    this.add(entries);
    return entries;
  }

  deleteLetters(app: string, seqs: readonly number[]): number {
    const letters = this.#letters.get(app);
    return seqs.filter((seq) => letters?.delete(seq) === true).length;
  }

  trimLetters(app: string, keep: number): number {
    const oldest = [...(this.#letters.get(app)?.keys() ?? [])].sort((one, other) => other - one).slice(keep);
    return this.deleteLetters(app, oldest);
  }

  putListener(listener: StoredListener): void {
    const held = this.#listeners.get(listener.app) ?? new Map<string, StoredListener>();
    this.#listeners.set(listener.app, held.set(listener.name, listener));
  }

  deleteListener(app: string, name: string): boolean {
    return this.#listeners.get(app)?.delete(name) ?? false;
  }

  listeners(): readonly StoredListener[] {
    const all = [...this.#listeners.values()].flatMap((held) => [...held.values()]);
    return all.sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  deleteApp(app: string): void {
    for (const kept of [this.#waiting, this.#letters, this.#listeners]) kept.delete(app);
  }

  #of({ app, action }: OutboxEntry): Map<number, WaitingEntry> {
    const actions = this.#waiting.get(app) ?? new Map<string, Map<number, WaitingEntry>>();
    const entries = actions.get(action) ?? new Map<number, WaitingEntry>();
    this.#waiting.set(app, actions.set(action, entries));
    return entries;
  }

  #lettersOf(app: string): Map<number, DeadLetter> {
    const letters = this.#letters.get(app) ?? new Map<number, DeadLetter>();
    this.#letters.set(app, letters);
    return letters;
  }
}

const bySeq = (one: { readonly seq: number }, other: { readonly seq: number }): number => one.seq - other.seq;
