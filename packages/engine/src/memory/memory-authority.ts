import type { Ban, JsonObject, Revocation, Rule } from '@portcullis/policy';
import type { Change, StoredApp } from '../ports/store.ts';
import type { StoredTrigger } from '../ports/store-triggers.ts';

/** Ids made here start at this one; those below belong to the file's rules. */
const FIRST_ID = 1_000_000;

interface AppRecord {
  epoch: number;
  settings: JsonObject | null;
  readonly rules: Map<number, Rule>;
  readonly revocations: Map<number, Revocation>;
  readonly bans: Map<number, Ban>;
  readonly groups: Map<string, readonly string[]>;
  readonly triggers: Map<number, StoredTrigger>;
}

/** Apps and what decides in them, in memory. */
export class MemoryAuthority {
  readonly #apps = new Map<string, AppRecord>();
  #nextId = FIRST_ID;

  get nextId(): number {
    return this.#nextId;
  }

  apps(): readonly StoredApp[] {
    return [...this.#apps].map(([app, record]) => toStoredApp(app, record));
  }

  /** Throws when the epoch is not above the stored one. */
  commit(app: string, epoch: number, changes: readonly Change[]): void {
    const stored = this.#apps.get(app)?.epoch ?? Number.NEGATIVE_INFINITY;
    if (epoch <= stored) throw new Error(`Policy epoch ${epoch} of app ${app} is not above the stored one.`);
    const record = this.#apps.get(app) ?? emptyApp(epoch);
    this.#apps.set(app, record);
    record.epoch = epoch;
    for (const change of changes) this.#apply(record, change);
  }

  #apply(record: AppRecord, change: Change): void {
    switch (change.type) {
      case 'app.put':
        record.settings = change.settings;
        return;
      case 'app.delete':
        record.settings = null;
        for (const kept of [record.rules, record.revocations, record.bans, record.groups, record.triggers])
          kept.clear();
        return;
      case 'rule.put':
        this.#put(record.rules, change.rule);
        return;
      case 'rule.delete':
        record.rules.delete(change.id);
        return;
      case 'revocation.put':
        this.#put(record.revocations, change.revocation);
        return;
      case 'revocation.delete':
        record.revocations.delete(change.id);
        return;
      case 'ban.put':
        this.#put(record.bans, change.ban);
        return;
      case 'ban.delete':
        record.bans.delete(change.id);
        return;
      case 'group.put':
        record.groups.set(change.group, change.channels);
        return;
      case 'group.delete':
        record.groups.delete(change.group);
        return;
      case 'trigger.put':
        this.#put(record.triggers, change.trigger);
        return;
      case 'trigger.delete':
        record.triggers.delete(change.id);
        return;
      case 'outside':
      case 'trail':
        return;
    }
  }

  #put<T extends { readonly id: number }>(items: Map<number, T>, item: T): void {
    items.set(item.id, item);
    this.#nextId = Math.max(this.#nextId, item.id + 1);
  }
}

function emptyApp(epoch: number): AppRecord {
  return {
    epoch,
    settings: null,
    rules: new Map(),
    revocations: new Map(),
    bans: new Map(),
    groups: new Map(),
    triggers: new Map(),
  };
}

function toStoredApp(app: string, record: AppRecord): StoredApp {
  const { epoch, settings, rules, revocations, bans, groups, triggers } = record;
  const listed = <T extends { readonly id: number }>(items: Map<number, T>) =>
    [...items.values()].sort((a, b) => a.id - b.id);
  return {
    app,
    epoch,
    settings,
    rules: listed(rules),
    revocations: listed(revocations),
    bans: listed(bans),
    groups: [...groups].map(([group, channels]) => ({ group, channels })),
    triggers: listed(triggers),
  };
}
