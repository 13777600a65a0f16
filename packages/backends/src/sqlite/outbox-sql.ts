import type { DeadLetter, LetterMove, OutboxEntry, OutboxResult, Told, WaitingEntry } from '@portcullis/engine';
import { fromText, toText } from './sql-text.ts';
import type { Row } from './thread/protocol.ts';
import type { Command } from './thread/sql-thread.ts';

const ADD = 'INSERT INTO outbox (seq, app, action, channel, event, at) VALUES (?, ?, ?, ?, ?, ?)';

export function addEntries(entries: Told | undefined): readonly Command[] {
  return (entries ?? []).map(({ seq, app, action, channel, event, at }) => [
    ADD,
    seq,
    toText(app),
    toText(action),
    toText(channel),
    event,
    Math.trunc(at),
  ]);
}

export const SELECT_WAITING = `SELECT seq, channel, event, at, attempts, due FROM outbox
  WHERE app = ? AND action = ? AND seq > ? ORDER BY seq LIMIT ?`;
export const SELECT_WAITING_OF = `SELECT seq, channel, event, at, attempts, due FROM outbox
  WHERE app = ? AND action = ? AND channel = ? AND seq > ? ORDER BY seq LIMIT ?`;

export const SELECT_TOTALS = `SELECT app, action, count(*), sum(octet_length(event)), max(seq) FROM outbox
  GROUP BY app, action`;

export function toWaiting(app: string, action: string, row: Row): WaitingEntry {
  const [seq, channel, event, at, attempts, due] = row;
  return {
    seq: Number(seq),
    app,
    action,
    channel: fromText(String(channel)),
    event: String(event),
    at: Number(at),
    attempts: Number(attempts),
    due: Number(due),
  };
}

const FAIL = 'UPDATE outbox SET attempts = ?2, due = ?3 WHERE seq = ?1';
const BURY = `INSERT INTO dead_letters (seq, app, action, channel, event, at, attempts, died_at, reason)
  SELECT seq, app, action, channel, event, at, ?2, ?3, ?4 FROM outbox WHERE seq = ?1`;
const REMOVE = 'DELETE FROM outbox WHERE seq IN (SELECT value FROM json_each(?))';

export function settleCommands({ done = [], failed = [], dead = [] }: OutboxResult): readonly Command[] {
  const gone = [...done, ...dead.map(({ seq }) => seq)];
  return [
    ...failed.map(({ seq, attempts, due }): Command => [FAIL, seq, attempts, Math.trunc(due)]),
    ...dead.map(
      ({ seq, attempts, diedAt, reason }): Command => [BURY, seq, attempts, Math.trunc(diedAt), toText(reason)],
    ),
    ...(gone.length === 0 ? [] : [[REMOVE, JSON.stringify(gone)] as const]),
  ];
}

const LETTER = 'seq, app, action, channel, event, at, attempts, died_at, reason';
export const SELECT_LETTERS = `SELECT ${LETTER} FROM dead_letters
  WHERE app = ?1 AND seq < ?2 AND (?3 IS NULL OR action = ?3) ORDER BY seq DESC LIMIT ?4`;
export const SELECT_LETTERS_NAMED = `SELECT ${LETTER} FROM dead_letters
  WHERE app = ?1 AND seq IN (SELECT value FROM json_each(?2)) ORDER BY seq`;

const DELETE_LETTERS = 'DELETE FROM dead_letters WHERE app = ? AND seq IN (SELECT value FROM json_each(?))';
const REVIVE = `INSERT INTO outbox (seq, app, action, channel, event, at)
  SELECT ?3, app, action, channel, event, at FROM dead_letters WHERE app = ?1 AND seq = ?2`;

export const deleteLetters = (app: string, seqs: readonly number[]): Command => [
  DELETE_LETTERS,
  toText(app),
  JSON.stringify(seqs),
];

export const reviveLetters = (app: string, moves: readonly LetterMove[]): readonly Command[] => [
  ...moves.map(({ seq, to }): Command => [REVIVE, toText(app), seq, to]),
  deleteLetters(
    app,
    moves.map(({ seq }) => seq),
  ),
];

export const TRIM_LETTERS = `DELETE FROM dead_letters WHERE seq IN (
  SELECT seq FROM dead_letters WHERE app = ? ORDER BY seq DESC LIMIT -1 OFFSET ?)`;

export function toLetter([seq, app, action, channel, event, at, attempts, diedAt, reason]: Row): DeadLetter {
  return {
    seq: Number(seq),
    app: fromText(String(app)),
    action: fromText(String(action)),
    channel: fromText(String(channel)),
    event: String(event),
    at: Number(at),
    attempts: Number(attempts),
    diedAt: Number(diedAt),
    reason: fromText(String(reason)),
  };
}

export function toEntry({ seq, app, action, channel, event, at }: DeadLetter, to: number): OutboxEntry {
  return { seq: to, app, action, channel, event, at: at ?? seq };
}
