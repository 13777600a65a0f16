import { type Clock, MemoryStore, type Store, StoreFullError } from '@portcullis/engine';
import { expect, test } from 'vitest';
import { Health } from './http/health.ts';
import { StoreUnavailableError, watchStore } from './watch-store.ts';

function watched() {
  const state: { error: Error | null } = { error: null };
  const timers: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    after: (_, fn) => {
      timers.push(fn);
      return () => {};
    },
    endOfTurn: (fn) => fn(),
  };
  const inner = new MemoryStore();
  const failing: Store = {
    ...delegate(inner),
    auditTrail: async (query) => {
      if (state.error) throw state.error;
      return inner.auditTrail(query);
    },
  };
  const health = new Health();
  health.started();
  const store = watchStore(failing, health, clock);
  const tick = async () => {
    for (const fire of timers.splice(0)) fire();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { state, store, health, tick };
}

function delegate(store: Store): Store {
  return {
    load: () => store.load(),
    commit: (app, epoch, changes) => store.commit(app, epoch, changes),
    append: (item) => store.append(item),
    history: (query) => store.history(query),
    head: (app, channel) => store.head(app, channel),
    keptChannels: (app) => store.keptChannels(app),
    range: (query) => store.range(query),
    deleteRange: (deletion) => store.deleteRange(deletion),
    message: (...which) => store.message(...which),
    addAction: (action) => store.addAction(action),
    actions: (query) => store.actions(query),
    actionsOf: (...which) => store.actionsOf(...which),
    action: (...which) => store.action(...which),
    removeAction: (...which) => store.removeAction(...which),
    object: (...which) => store.object(...which),
    putObject: (...row) => store.putObject(...row),
    deleteObject: (...which) => store.deleteObject(...which),
    objects: (...which) => store.objects(...which),
    countObjects: (...which) => store.countObjects(...which),
    membership: (...which) => store.membership(...which),
    putMemberships: (...rows) => store.putMemberships(...rows),
    deleteMemberships: (...which) => store.deleteMemberships(...which),
    memberships: (...which) => store.memberships(...which),
    countMemberships: (...which) => store.countMemberships(...which),
    putFile: (...row) => store.putFile(...row),
    file: (...which) => store.file(...which),
    files: (...which) => store.files(...which),
    deleteFile: (...which) => store.deleteFile(...which),
    expiredPromises: (now) => store.expiredPromises(now),
    expiredFiles: (now) => store.expiredFiles(now),
    fileTotals: (app) => store.fileTotals(app),
    audit: (entry) => store.audit(entry),
    auditTrail: (query) => store.auditTrail(query),
    countDenials: (counts) => store.countDenials(counts),
    denials: (app, since) => store.denials(app, since),
    close: () => store.close(),
  };
}

test('a store that fails makes the server not ready until it answers again, also when nobody asks it', async () => {
  const { state, store, health, tick } = watched();
  state.error = new Error('gone');
  await expect(store.auditTrail({ limit: 1 })).rejects.toBeInstanceOf(StoreUnavailableError);
  expect(health.readiness()).toEqual({ ready: false, reason: 'store' });
  await tick();
  expect(health.readiness()).toMatchObject({ ready: false });
  state.error = null;
  await tick();
  expect(health.readiness()).toEqual({ ready: true });
});

test('a full disk is told as such, and the server stays ready: delivery goes on', async () => {
  const { state, store, health } = watched();
  state.error = new StoreFullError('full');
  await expect(store.auditTrail({ limit: 1 })).rejects.toBeInstanceOf(StoreFullError);
  expect(health.readiness()).toEqual({ ready: true });
});
