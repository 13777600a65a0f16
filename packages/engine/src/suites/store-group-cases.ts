import type { Store } from '../ports/store.ts';
import type { ChannelGroup } from '../ports/store-groups.ts';
import type { Case } from './case.ts';
import { checkSame, rejection } from './check.ts';
import { APP, type StoreHarness } from './store-harness.ts';

/** By name, as their order is not promised. */
async function groupsOf(store: Store, app = APP): Promise<readonly ChannelGroup[] | undefined> {
  const groups = (await store.load()).apps.find((held) => held.app === app)?.groups;
  return groups && [...groups].sort((one, other) => (one.group < other.group ? -1 : 1));
}

/** What a store promises about channel groups. */
export const groupCases: readonly Case<StoreHarness>[] = [
  {
    name: 'a group is replaced whole and deleted whole, and may be empty',
    async run({ store }) {
      await store.commit(APP, 1, [
        { type: 'group.put', group: 'news', channels: ['a', 'b'] },
        { type: 'group.put', group: 'empty', channels: [] },
        { type: 'group.put', group: 'gone', channels: ['c'] },
      ]);
      await store.commit(APP, 2, [
        { type: 'group.put', group: 'news', channels: ['b', 'c'] },
        { type: 'group.delete', group: 'gone' },
        { type: 'group.delete', group: 'never was' },
      ]);
      const left = [
        { group: 'empty', channels: [] },
        { group: 'news', channels: ['b', 'c'] },
      ];
      checkSame(await groupsOf(store), left, 'the groups');
    },
  },
  {
    name: 'groups and their channels keep their names exactly, and apps do not share them',
    async run({ store }) {
      const names = ['"a', '__proto__', 'G', 'g', 'g\0h', 'ns:group', '\ud800', '\ufffd'];
      const groups = names.map((group) => ({ group, channels: [group, ...names] }));
      await store.commit(
        APP,
        1,
        groups.map((group) => ({ type: 'group.put', ...group })),
      );
      await store.commit('other', 1, [{ type: 'group.put', group: 'g', channels: ['theirs'] }]);
      await store.commit('other', 2, [{ type: 'group.delete', group: 'G' }]);
      const sorted = groups.sort((one, other) => (one.group < other.group ? -1 : 1));
      checkSame(await groupsOf(store), sorted, 'of the first app');
      checkSame(await groupsOf(store, 'other'), [{ group: 'g', channels: ['theirs'] }], 'of the second app');
    },
  },
  {
    name: 'a group belongs to its commit: a refused one leaves it, and a deleted app loses it',
    async run({ store }) {
      await store.commit(APP, 5, [{ type: 'group.put', group: 'g', channels: ['a'] }]);
      await rejection(store.commit(APP, 5, [{ type: 'group.delete', group: 'g' }]), 'an epoch that is not above');
      checkSame(await groupsOf(store), [{ group: 'g', channels: ['a'] }], 'after the refusal');
      await store.commit(APP, 6, [{ type: 'app.delete' }]);
      checkSame(await groupsOf(store), [], 'after the deletion');
    },
  },
];

export const durableGroupCases: readonly Case<StoreHarness>[] = [
  {
    name: 'groups survive closing and opening',
    async run({ store, reopen }) {
      await store.commit(APP, 1, [{ type: 'group.put', group: 'g', channels: ['a', 'b'] }]);
      checkSame(await groupsOf(await reopen()), [{ group: 'g', channels: ['a', 'b'] }], 'the groups');
    },
  },
];
