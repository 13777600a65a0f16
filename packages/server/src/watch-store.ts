import { type Clock, type Store, StoreFullError } from '@portcullis/engine';
import type { Health } from './http/health.ts';

/** How often a failed store is asked whether it answers again. */
const PROBE = 1_000;

/** The store did not do what it was asked. Nothing of it is acknowledged. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

/** The same store, whose failures and recoveries `health` hears of. A full disk is no failure: delivery goes on. */
export function watchStore(store: Store, health: Health, clock: Clock): Store {
  let failed = false;
  const works = () => {
    failed = false;
    health.store('works');
  };
  const probe = () => {
    if (!failed) return;
    store.auditTrail({ limit: 1 }).then(works, () => clock.after(PROBE, probe));
  };
  const fails = (error: unknown) => {
    if (error instanceof StoreFullError || failed) return;
    failed = true;
    health.store('failed');
    clock.after(PROBE, probe);
  };
  const seen = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      const value = await answer;
      works();
      return value;
    } catch (error) {
      fails(error);
      throw error instanceof StoreFullError ? error : new StoreUnavailableError('the store failed', { cause: error });
    }
  };
  return {
    load: () => seen(store.load()),
    commit: (...what) => seen(store.commit(...what)),
    append: (...item) => seen(store.append(...item)),
    history: (query) => seen(store.history(query)),
    head: (app, channel) => seen(store.head(app, channel)),
    keyed: (query) => seen(store.keyed(query)),
    keptChannels: (app) => seen(store.keptChannels(app)),
    range: (query) => seen(store.range(query)),
    deleteRange: (deletion) => seen(store.deleteRange(deletion)),
    message: (...which) => seen(store.message(...which)),
    addAction: (...action) => seen(store.addAction(...action)),
    actions: (query) => seen(store.actions(query)),
    actionsOf: (...which) => seen(store.actionsOf(...which)),
    action: (...which) => seen(store.action(...which)),
    removeAction: (...which) => seen(store.removeAction(...which)),
    object: (...which) => seen(store.object(...which)),
    putObject: (...row) => seen(store.putObject(...row)),
    deleteObject: (...which) => seen(store.deleteObject(...which)),
    objects: (...which) => seen(store.objects(...which)),
    countObjects: (...which) => seen(store.countObjects(...which)),
    membership: (...which) => seen(store.membership(...which)),
    putMemberships: (...rows) => seen(store.putMemberships(...rows)),
    deleteMemberships: (...which) => seen(store.deleteMemberships(...which)),
    memberships: (...which) => seen(store.memberships(...which)),
    countMemberships: (...which) => seen(store.countMemberships(...which)),
    putFile: (...row) => seen(store.putFile(...row)),
    file: (...which) => seen(store.file(...which)),
    files: (...which) => seen(store.files(...which)),
    deleteFile: (...which) => seen(store.deleteFile(...which)),
    expiredPromises: (now) => seen(store.expiredPromises(now)),
    expiredFiles: (now) => seen(store.expiredFiles(now)),
    fileTotals: (app) => seen(store.fileTotals(app)),
    enqueue: (entries) => seen(store.enqueue(entries)),
    waiting: (query) => seen(store.waiting(query)),
    settle: (...what) => seen(store.settle(...what)),
    outboxTotals: () => seen(store.outboxTotals()),
    dropWaiting: (...which) => seen(store.dropWaiting(...which)),
    deadLetters: (query) => seen(store.deadLetters(query)),
    countDeadLetters: (app) => seen(store.countDeadLetters(app)),
    replayLetters: (...which) => seen(store.replayLetters(...which)),
    deleteLetters: (...which) => seen(store.deleteLetters(...which)),
    trimLetters: (...which) => seen(store.trimLetters(...which)),
    putListener: (listener) => seen(store.putListener(listener)),
    deleteListener: (...which) => seen(store.deleteListener(...which)),
    listeners: () => seen(store.listeners()),
    audit: (entry) => seen(store.audit(entry)),
    auditTrail: (query) => seen(store.auditTrail(query)),
    countDenials: (counts) => seen(store.countDenials(counts)),
    denials: (app, since) => seen(store.denials(app, since)),
    close: () => store.close(),
  };
}
