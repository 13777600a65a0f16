import type { Case } from './case.ts';
import { check, checkSame, rejection } from './check.ts';
import {
  APP,
  ban,
  denial,
  keepAll,
  message,
  newest,
  revocation,
  rule,
  START,
  type StoreHarness,
} from './store-harness.ts';

const FIRST_ID = 1_000_000;

/** What a store promises about apps, rules, revocations, bans and ids. */
export const authorityCases: readonly Case<StoreHarness>[] = [
  {
    name: 'an empty store holds no app, and ids made here start above those of the file',
    async run({ store }) {
      checkSame(await store.load(), { apps: [], timetoken: 0n, nextId: FIRST_ID }, 'the empty state');
    },
  },
  {
    name: 'what one commit wrote is read back whole, and exactly',
    async run({ store }) {
      const settings = { name: 'Demo', nested: { list: [1, 'two', null, true] }, __proto__x: 'harmless' };
      await store.commit(APP, 4, [
        { type: 'app.put', settings },
        { type: 'rule.put', rule: rule(FIRST_ID) },
        { type: 'revocation.put', revocation: revocation(FIRST_ID + 1) },
        { type: 'ban.put', ban: ban(FIRST_ID + 2) },
      ]);
      const app = { app: APP, epoch: 4, settings, rules: [rule(FIRST_ID)] };
      const expected = {
        ...app,
        revocations: [revocation(FIRST_ID + 1)],
        bans: [ban(FIRST_ID + 2)],
        groups: [],
        triggers: [],
      };
      checkSame((await store.load()).apps, [expected], 'the app');
    },
  },
  {
    name: 'a change replaces what has its id, and a deletion takes it away',
    async run({ store }) {
      await store.commit(
        APP,
        1,
        [1, 2].map((n) => ({ type: 'rule.put', rule: rule(FIRST_ID + n) })),
      );
      await store.commit(APP, 2, [{ type: 'rule.put', rule: rule(FIRST_ID + 1, 'lobby') }]);
      await store.commit(APP, 3, [
        { type: 'rule.delete', id: FIRST_ID + 2 },
        { type: 'ban.put', ban: ban(FIRST_ID + 3) },
        { type: 'ban.delete', id: FIRST_ID + 3 },
        { type: 'revocation.put', revocation: revocation(FIRST_ID + 4) },
        { type: 'revocation.delete', id: FIRST_ID + 4 },
      ]);
      const [app] = (await store.load()).apps;
      const held = [app?.rules, app?.revocations, app?.bans];
      checkSame(held, [[rule(FIRST_ID + 1, 'lobby')], [], []], 'what is left');
    },
  },
  {
    name: 'a rule, a ban and a revocation may have the same id, and so may rules of two apps',
    async run({ store }) {
      await store.commit(APP, 1, [
        { type: 'rule.put', rule: rule(FIRST_ID) },
        { type: 'ban.put', ban: ban(FIRST_ID) },
        { type: 'revocation.put', revocation: revocation(FIRST_ID) },
      ]);
      await store.commit('other', 1, [{ type: 'rule.put', rule: rule(FIRST_ID, 'theirs') }]);
      await store.commit('other', 2, [{ type: 'ban.delete', id: FIRST_ID }]);
      const apps = new Map((await store.load()).apps.map((app) => [app.app, app]));
      checkSame(apps.get(APP)?.rules, [rule(FIRST_ID)], 'the rule of the first app');
      checkSame(apps.get(APP)?.bans, [ban(FIRST_ID)], 'the ban of the first app');
      checkSame(apps.get('other')?.rules, [rule(FIRST_ID, 'theirs')], 'the rule of the second app');
    },
  },
  {
    name: 'a commit whose epoch is not above the stored one is rejected, and none of it is written',
    async run({ store }) {
      await store.commit(APP, 5, [{ type: 'outside' }]);
      for (const epoch of [5, 4]) {
        await rejection(store.commit(APP, epoch, [{ type: 'rule.put', rule: rule(FIRST_ID) }]), `epoch ${epoch}`);
      }
      const state = await store.load();
      checkSame([state.apps[0]?.epoch, state.apps[0]?.rules, state.nextId], [5, [], FIRST_ID], 'epoch, rules, next id');
    },
  },
  {
    name: 'commits handed over in one turn take effect in their order',
    async run({ store }) {
      const outcomes = await Promise.allSettled([
        store.commit(APP, 1, [{ type: 'rule.put', rule: rule(FIRST_ID, 'first') }]),
        store.commit(APP, 2, [{ type: 'rule.put', rule: rule(FIRST_ID, 'second') }]),
        store.commit(APP, 2, [{ type: 'rule.put', rule: rule(FIRST_ID, 'too late') }]),
        store.commit(APP, 3, [{ type: 'outside' }]),
      ]);
      const said = outcomes.map((outcome) => outcome.status === 'fulfilled');
      checkSame(said, [true, true, false, true], 'who was written');
      const [app] = (await store.load()).apps;
      checkSame([app?.epoch, app?.rules[0]?.target], [3, 'second'], 'the state');
    },
  },
  {
    name: 'an id is never given again, also after what had it is deleted',
    async run({ store }) {
      await store.commit(APP, 1, [{ type: 'ban.put', ban: ban(FIRST_ID + 41) }]);
      checkSame((await store.load()).nextId, FIRST_ID + 42, 'after the highest id');
      await store.commit(APP, 2, [{ type: 'ban.delete', id: FIRST_ID + 41 }]);
      await store.commit('other', 1, [{ type: 'ban.put', ban: ban(FIRST_ID + 3) }]);
      await store.commit(APP, 3, [{ type: 'app.delete' }]);
      checkSame((await store.load()).nextId, FIRST_ID + 42, 'after the deletion');
    },
  },
  {
    name: 'a deleted app keeps its epoch alone: another app made under its name sees nothing of it',
    async run({ store }) {
      await store.commit('other', 1, [{ type: 'rule.put', rule: rule(FIRST_ID + 9) }]);
      await store.commit(APP, 1, [
        { type: 'app.put', settings: { name: 'Demo' } },
        { type: 'rule.put', rule: rule(FIRST_ID) },
        { type: 'ban.put', ban: ban(FIRST_ID + 1) },
        { type: 'revocation.put', revocation: revocation(FIRST_ID + 2) },
      ]);
      await keepAll(store, [message(1), message(2), message(3, { app: 'other' })]);
      await store.countDenials([denial(), denial({ app: 'other' })]);
      await store.commit(APP, 2, [{ type: 'app.delete' }]);
      const state = await store.load();
      const left = state.apps.find(({ app }) => app === APP);
      const gone = {
        app: APP,
        epoch: 2,
        settings: null,
        rules: [],
        revocations: [],
        bans: [],
        groups: [],
        triggers: [],
      };
      checkSame(left, gone, 'what is left of the app');
      check(state.timetoken >= START + 3n, 'no timetoken is given a second time');
      checkSame([await newest(store), await store.head(APP, 'room/1')], [[], null], 'history');
      checkSame(await store.denials(APP, 0), [], 'denials');
      await rejection(store.commit(APP, 2, [{ type: 'app.put', settings: {} }]), 'an epoch of the deleted app');
      await store.commit(APP, 3, [{ type: 'app.put', settings: { name: 'Again' } }]);
      await keepAll(store, [message(4, { position: { epoch: 'epoch-2', offset: 1 } })]);
      checkSame((await newest(store)).length, 1, 'items of the new app');
      checkSame((await newest(store, { app: 'other' })).length, 1, 'items of the other app');
      checkSame((await store.denials('other', 0)).length, 1, 'denials of the other app');
    },
  },
];

/** What only a store that outlives its process can keep. */
export const durableAuthorityCases: readonly Case<StoreHarness>[] = [
  {
    name: 'apps, ids, epochs and the timetoken survive closing and opening',
    async run({ store, reopen }) {
      await store.commit(APP, 6, [
        { type: 'app.put', settings: { name: 'Demo' } },
        { type: 'rule.put', rule: rule(FIRST_ID + 4) },
        { type: 'ban.put', ban: ban(FIRST_ID + 5) },
        { type: 'ban.delete', id: FIRST_ID + 5 },
      ]);
      await keepAll(store, [message(1), message(2)]);
      const before = await store.load();
      const again = await reopen();
      checkSame(await again.load(), before, 'the state');
      check(before.timetoken >= START + 2n, 'the timetoken is not below what was committed');
      checkSame(before.nextId, FIRST_ID + 6, 'the next id');
      await rejection(again.commit(APP, 6, [{ type: 'outside' }]), 'an epoch from before');
    },
  },
  {
    name: 'closing waits for what was handed over',
    async run({ store, reopen }) {
      const handed = [store.commit(APP, 1, [{ type: 'rule.put', rule: rule(FIRST_ID) }]), keepAll(store, [message(1)])];
      const again = await reopen();
      await Promise.all(handed);
      checkSame([(await again.load()).apps[0]?.epoch, (await newest(again)).length], [1, 1], 'what was kept');
    },
  },
];
