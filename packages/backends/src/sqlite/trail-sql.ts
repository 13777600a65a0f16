import type { AuditEntry, AuditQuery, DenialCount } from '@portcullis/engine';
import { fromText, toText } from './sql-text.ts';
import type { Row } from './thread/protocol.ts';
import type { Command } from './thread/sql-thread.ts';

/** In place of a rule's id where no rule decided. */
const NO_RULE = -1;

export function addEntry({ at, app, actor, action, detail }: AuditEntry): Command {
  return [
    'INSERT INTO audit (at, app, actor, action, detail) VALUES (?, ?, ?, ?, ?)',
    Math.trunc(at),
    app === null ? null : toText(app),
    toText(actor),
    action,
    JSON.stringify(detail),
  ];
}

/** Takes away up to `most` of the entries past the newest `kept`, oldest first. Ids rise by one, so that nothing is counted. */
export function trimEntries(kept: number, most: number): Command {
  return [
    `DELETE FROM audit WHERE id IN (
       SELECT id FROM audit WHERE id <= (SELECT max(id) FROM audit) - ? ORDER BY id LIMIT ?)`,
    kept,
    most,
  ];
}

export function selectEntries({ app, before, limit }: AuditQuery): Command {
  const older = before ?? Number.MAX_SAFE_INTEGER;
  const count = Math.max(0, Math.min(limit, Number.MAX_SAFE_INTEGER));
  const columns = 'SELECT id, at, app, actor, action, detail FROM audit';
  if (app === undefined) return [`${columns} WHERE id < ? ORDER BY id DESC LIMIT ?`, older, count];
  return [`${columns} WHERE app = ? AND id < ? ORDER BY id DESC LIMIT ?`, toText(app), older, count];
}

export function toEntry([id, at, app, actor, action, detail]: Row): AuditEntry & { readonly id: number } {
  return {
    id: Number(id),
    at: Number(at),
    app: app === null || app === undefined ? null : fromText(String(app)),
    actor: fromText(String(actor)),
    action: String(action),
    detail: JSON.parse(String(detail)),
  };
}

export function addDenials({ minute, app, code, principal, rule, count }: DenialCount): Command {
  return [
    `INSERT INTO denials (minute, app, code, principal, rule, count) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (app, minute, code, principal, rule) DO UPDATE SET count = denials.count + excluded.count`,
    minute,
    toText(app),
    code,
    toText(principal),
    rule ?? NO_RULE,
    count,
  ];
}

/** Rows get rising numbers, so that the oldest of too many are found without counting. */
export function trimDenials(oldestMinute: number, rows: number): readonly Command[] {
  return [
    ['DELETE FROM denials WHERE minute < ?', oldestMinute],
    ['DELETE FROM denials WHERE id <= (SELECT max(id) FROM denials) - ?', rows],
  ];
}

export function selectDenials(app: string, sinceMinute: number): Command {
  return [
    'SELECT minute, code, principal, rule, count FROM denials WHERE app = ? AND minute >= ? ORDER BY minute, id',
    toText(app),
    sinceMinute,
  ];
}

export function toDenials(app: string, [minute, code, principal, rule, count]: Row): DenialCount {
  return {
    minute: Number(minute),
    app,
    code: String(code),
    principal: fromText(String(principal)),
    rule: Number(rule) === NO_RULE ? null : Number(rule),
    count: Number(count),
  };
}
