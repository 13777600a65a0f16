import type { Change, ChannelGroup, StoredApp, StoredTrigger, StoreState } from '@portcullis/engine';
import { fromText, toText } from './sql-text.ts';
import type { Row } from './thread/protocol.ts';
import type { Command } from './thread/sql-thread.ts';
import { addEntry } from './trail-sql.ts';

type Kind = 'rule' | 'revocation' | 'ban';

/** The guard of a commit: changes a row only if the epoch rises. */
export function raiseEpoch(app: string, epoch: number): Command {
  return [
    `INSERT INTO apps (app, epoch) VALUES (?, ?)
     ON CONFLICT (app) DO UPDATE SET epoch = excluded.epoch WHERE excluded.epoch > apps.epoch`,
    toText(app),
    epoch,
  ];
}

export function toCommands(app: string, change: Change): readonly Command[] {
  switch (change.type) {
    case 'app.put':
      return [['UPDATE apps SET settings = ? WHERE app = ?', JSON.stringify(change.settings), toText(app)]];
    case 'app.delete':
      return deleteApp(toText(app));
    case 'rule.put':
      return put(app, 'rule', change.rule);
    case 'revocation.put':
      return put(app, 'revocation', change.revocation);
    case 'ban.put':
      return put(app, 'ban', change.ban);
    case 'rule.delete':
      return [remove(app, 'rule', change.id)];
    case 'revocation.delete':
      return [remove(app, 'revocation', change.id)];
    case 'ban.delete':
      return [remove(app, 'ban', change.id)];
    case 'group.put':
      return [[PUT_GROUP, toText(app), toText(change.group), JSON.stringify(change.channels)]];
    case 'group.delete':
      return [['DELETE FROM channel_groups WHERE app = ? AND "group" = ?', toText(app), toText(change.group)]];
    case 'trigger.put':
      return [
        [PUT_TRIGGER, toText(app), change.trigger.id, JSON.stringify(change.trigger.spec)],
        takenId(change.trigger.id),
      ];
    case 'trigger.delete':
      return [['DELETE FROM triggers WHERE app = ? AND id = ?', toText(app), change.id]];
    case 'trail':
      return [addEntry(change.entry)];
    case 'outside':
      return [];
  }
}

const PUT_GROUP = `INSERT INTO channel_groups (app, "group", channels) VALUES (?, ?, ?)
  ON CONFLICT (app, "group") DO UPDATE SET channels = excluded.channels`;

const PUT_TRIGGER = `INSERT INTO triggers (app, id, spec) VALUES (?, ?, ?)
  ON CONFLICT (app, id) DO UPDATE SET spec = excluded.spec`;

function takenId(id: number): Command {
  // A page that says the same as before need not be written.
  return [`UPDATE numbers SET value = ?1 WHERE name = 'next_id' AND value < ?1`, id + 1];
}

function put(app: string, kind: Kind, item: { readonly id: number }): readonly Command[] {
  return [
    [
      `INSERT INTO authority (app, kind, id, body) VALUES (?, ?, ?, ?)
       ON CONFLICT (app, kind, id) DO UPDATE SET body = excluded.body`,
      toText(app),
      kind,
      item.id,
      JSON.stringify(item),
    ],
    takenId(item.id),
  ];
}

function remove(app: string, kind: Kind, id: number): Command {
  return ['DELETE FROM authority WHERE app = ? AND kind = ? AND id = ?', toText(app), kind, id];
}

/** Its channels are taken away at once, what they hold is swept away later. */
function deleteApp(app: string): readonly Command[] {
  return [
    ['UPDATE apps SET settings = NULL WHERE app = ?', app],
    ['DELETE FROM authority WHERE app = ?', app],
    ...[
      'channel_groups',
      'triggers',
      'denials',
      'objects',
      'memberships',
      'files',
      'outbox',
      'dead_letters',
      'listeners',
    ].map((table) => [`DELETE FROM ${table} WHERE app = ?`, app] as const),
    [
      `UPDATE numbers
       SET value = max(value, (SELECT coalesce(max(timetoken), 0) FROM channels WHERE app = ?))
       WHERE name = 'timetoken'`,
      app,
    ],
    ['INSERT INTO retired (channel) SELECT id FROM channels WHERE app = ?', app],
    ['DELETE FROM channels WHERE app = ?', app],
  ];
}

/** The rows of a whole state; asked for in one turn, so that they belong together. */
export const STATE_QUERIES = {
  apps: 'SELECT app, epoch, settings FROM apps ORDER BY app',
  authority: 'SELECT app, kind, body FROM authority ORDER BY app, kind, id',
  groups: 'SELECT app, "group", channels FROM channel_groups ORDER BY app, "group"',
  triggers: 'SELECT app, id, spec FROM triggers ORDER BY app, id',
  numbers: `SELECT
      (SELECT value FROM numbers WHERE name = 'next_id'),
      max((SELECT value FROM numbers WHERE name = 'timetoken'), (SELECT coalesce(max(timetoken), 0) FROM channels))`,
} as const;

export function toState(rows: { readonly [query in keyof typeof STATE_QUERIES]: readonly Row[] }): StoreState {
  const bodies = new Map<string, { [kind in Kind]: unknown[] }>();
  for (const [app, kind, body] of rows.authority) {
    const held = bodies.get(String(app)) ?? { rule: [], revocation: [], ban: [] };
    bodies.set(String(app), held);
    held[kind as Kind].push(JSON.parse(String(body)));
  }
  const groups = new Map<string, ChannelGroup[]>();
  for (const [app, group, channels] of rows.groups) {
    const held = groups.get(String(app)) ?? [];
    groups.set(String(app), held);
    held.push({ group: fromText(String(group)), channels: JSON.parse(String(channels)) });
  }
  const triggers = new Map<string, StoredTrigger[]>();
  for (const [app, id, spec] of rows.triggers) {
    const held = triggers.get(String(app)) ?? [];
    triggers.set(String(app), held);
    held.push({ id: Number(id), spec: JSON.parse(String(spec)) });
  }
  const apps = rows.apps.map(([app, epoch, settings]) => {
    const { rule = [], revocation = [], ban = [] } = bodies.get(String(app)) ?? {};
    const standing = { rules: rule, revocations: revocation, bans: ban };
    return {
      app: fromText(String(app)),
      epoch: Number(epoch),
      settings: settings === null ? null : JSON.parse(String(settings)),
      ...standing,
      groups: groups.get(String(app)) ?? [],
      triggers: triggers.get(String(app)) ?? [],
    } as StoredApp;
  });
  const [nextId, timetoken] = rows.numbers[0] ?? [];
  return { apps, timetoken: BigInt(timetoken ?? 0), nextId: Number(nextId) };
}
