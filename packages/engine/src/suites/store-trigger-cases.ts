import type { Store } from '../ports/store.ts';
import type { StoredTrigger } from '../ports/store-triggers.ts';
import type { Case } from './case.ts';
import { checkSame, rejection } from './check.ts';
import { APP, type StoreHarness } from './store-harness.ts';

const FIRST_ID = 1_000_000;

async function triggersOf(store: Store, app = APP): Promise<readonly StoredTrigger[] | undefined> {
  return (await store.load()).apps.find((held) => held.app === app)?.triggers;
}

const trigger = (id: number, channel: string): StoredTrigger => ({ id, spec: { channel, steps: [{ block: 'no' }] } });

/** What a store promises about triggers. */
export const triggerCases: readonly Case<StoreHarness>[] = [
  {
    name: 'a trigger is replaced whole, and triggers come back by id',
    async run({ store }) {
      const [first, second, third] = [trigger(FIRST_ID, 'a'), trigger(FIRST_ID + 1, 'b'), trigger(FIRST_ID + 2, 'c')];
      await store.commit(
        APP,
        1,
        [third, first, second].map((one) => ({ type: 'trigger.put', trigger: one })),
      );
      const changed = { id: FIRST_ID + 1, spec: { channel: 'd', steps: [] } };
      await store.commit(APP, 2, [
        { type: 'trigger.put', trigger: changed },
        { type: 'trigger.delete', id: FIRST_ID + 2 },
        { type: 'trigger.delete', id: FIRST_ID + 3 },
      ]);
      checkSame(await triggersOf(store), [first, changed], 'the triggers');
    },
  },
  {
    name: 'a trigger takes its id from all that is made here',
    async run({ store }) {
      await store.commit(APP, 1, [{ type: 'trigger.put', trigger: trigger(FIRST_ID + 7, 'a') }]);
      checkSame((await store.load()).nextId, FIRST_ID + 8, 'the next id');
    },
  },
  {
    name: 'a trigger belongs to its app and its commit: a refused one leaves it, and a deleted app loses it',
    async run({ store }) {
      await store.commit(APP, 5, [{ type: 'trigger.put', trigger: trigger(FIRST_ID, 'a') }]);
      await store.commit('other', 1, [{ type: 'trigger.put', trigger: trigger(FIRST_ID, 'theirs') }]);
      await rejection(store.commit(APP, 5, [{ type: 'trigger.delete', id: FIRST_ID }]), 'an epoch that is not above');
      checkSame(await triggersOf(store), [trigger(FIRST_ID, 'a')], 'after the refusal');
      await store.commit(APP, 6, [{ type: 'app.delete' }]);
      checkSame(await triggersOf(store), [], 'after the deletion');
      checkSame(await triggersOf(store, 'other'), [trigger(FIRST_ID, 'theirs')], 'of the other app');
    },
  },
];

export const durableTriggerCases: readonly Case<StoreHarness>[] = [
  {
    name: 'triggers survive closing and opening',
    async run({ store, reopen }) {
      await store.commit(APP, 1, [{ type: 'trigger.put', trigger: trigger(FIRST_ID, 'a') }]);
      checkSame(await triggersOf(await reopen()), [trigger(FIRST_ID, 'a')], 'the triggers');
    },
  },
];
