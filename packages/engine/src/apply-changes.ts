import { type Rule, uniformRule } from '@portcullis/policy';
import type { Change, StoredApp } from './ports/store.ts';

export function atVersion(change: Change, epoch: number): Change {
  return change.type === 'rule.put'
    ? { type: 'rule.put', rule: uniformRule({ ...change.rule, version: epoch }) }
    : change;
}

/** What is stored of an app after changes of its authority. */
export function applyChanges(stored: StoredApp, changes: readonly Change[], epoch: number): StoredApp {
  let next = { ...stored, epoch };
  for (const change of changes) next = applyChange(next, change);
  return next;
}

function applyChange(stored: StoredApp, change: Change): StoredApp {
  switch (change.type) {
    case 'app.put':
      return { ...stored, settings: change.settings };
    case 'rule.put':
      return { ...stored, rules: replaced(stored.rules, change.rule) };
    case 'rule.delete':
      return { ...stored, rules: without(stored.rules, change.id) };
    case 'revocation.put':
      return { ...stored, revocations: replaced(stored.revocations, change.revocation) };
    case 'revocation.delete':
      return { ...stored, revocations: without(stored.revocations, change.id) };
    case 'ban.put':
      return { ...stored, bans: replaced(stored.bans, change.ban) };
    case 'ban.delete':
      return { ...stored, bans: without(stored.bans, change.id) };
    case 'group.put': {
      const { group, channels } = change;
      return { ...stored, groups: [...withoutGroup(stored.groups, group), { group, channels }] };
    }
    case 'group.delete':
      return { ...stored, groups: withoutGroup(stored.groups, change.group) };
    case 'trigger.put':
      return { ...stored, triggers: replaced(stored.triggers, change.trigger) };
    case 'trigger.delete':
      return { ...stored, triggers: without(stored.triggers, change.id) };
    case 'app.delete':
    case 'outside':
    case 'trail':
      return stored;
  }
}

function withoutGroup(groups: StoredApp['groups'], group: string): StoredApp['groups'] {
  return groups.filter((known) => known.group !== group);
}

function without<T extends { readonly id: number }>(items: readonly T[], id: number): T[] {
  return items.filter((item) => item.id !== id);
}

function replaced<T extends { readonly id: number }>(items: readonly T[], item: T): T[] {
  return [...without(items, item.id), item];
}

/** The rules that the changes put, as the last of them leaves each. */
export function rulesLeft(changes: readonly Change[]): Rule[] {
  const left = new Map<number, Rule>();
  for (const change of changes) {
    if (change.type === 'rule.put') left.set(change.rule.id, change.rule);
    else if (change.type === 'rule.delete') left.delete(change.id);
  }
  return [...left.values()];
}

export function rulesTouched(changes: readonly Change[]): ReadonlySet<number> {
  const ids = new Set<number>();
  for (const change of changes) {
    if (change.type === 'rule.put') ids.add(change.rule.id);
    else if (change.type === 'rule.delete') ids.add(change.id);
  }
  return ids;
}
