import type { Publication } from '../publication.ts';
import type { Case } from './case.ts';
import { checkSame } from './check.ts';
import {
  APP,
  CHANNEL,
  keepAll,
  message,
  messages,
  newest,
  offsets,
  privateTo,
  START,
  type StoreHarness,
} from './store-harness.ts';

/** Publications whose every field is at an edge; each must come back as it was. */
const ODD: readonly Partial<Publication>[] = [
  { sender: null },
  { kind: 'event', sender: null, audience: { to: 'table', table: 7 }, table: 7, row: 0 },
  { kind: 'event', sender: null, audience: { to: 'row', table: 'users', row: '12' }, table: 'users', row: '12' },
  { kind: 'event', sender: null, audience: { to: 'user', user: 'ann' } },
  { audience: { to: 'authenticated' } },
  { audience: { to: 'everyone', anonymous: false } },
  { data: '""' },
  { data: '{"text":"a\\u0000b \\ud83d\\ude00 😀 \\"quoted\\" \\ud800"}' },
  { data: '12345678901234567890.000000000000000001' },
  { sender: { session: '', user: '', table: 0, row: 0, extras: {} } },
  { position: { epoch: 'ünïcödé', offset: Number.MAX_SAFE_INTEGER }, stamp: Number.MAX_SAFE_INTEGER },
];

/** What a store promises about reading the items of channels. */
export const historyCases: readonly Case<StoreHarness>[] = [
  {
    name: 'an item comes back as it was published, to the last digit of its timetoken',
    async run({ store }) {
      const kept = ODD.map((changes, index) => message(index + 1, changes));
      await keepAll(store, kept);
      checkSame(await newest(store), kept, 'the items');
    },
  },
  {
    name: 'the number a publication arrived under is not kept',
    async run({ store }) {
      await keepAll(store, [message(1, { seq: 77 })]);
      checkSame((await newest(store))[0]?.seq, 0, 'seq');
    },
  },
  {
    name: 'history is the newest items, oldest first, between two timetokens if asked',
    async run({ store }) {
      await keepAll(store, messages(10));
      const asked = async (query: Parameters<typeof newest>[1]) => offsets(await newest(store, query));
      checkSame(await asked({ limit: 3 }), [8, 9, 10], 'the newest three');
      checkSame(await asked({ limit: 2, before: START + 5n }), [3, 4], 'before');
      checkSame(await asked({ after: START + 8n }), [9, 10], 'after');
      checkSame(await asked({ limit: 2, after: START + 2n, before: START + 6n }), [4, 5], 'between');
      checkSame([await asked({ limit: 0 }), await asked({ after: START + 10n })], [[], []], 'nothing');
    },
  },
  {
    name: 'the newest items that fit into a number of bytes come back, but one at least',
    async run({ store }) {
      const data = '"ü😀"';
      await keepAll(store, messages(5, { data }));
      for (const [maxBytes, expected] of [
        [24, [3, 4, 5]],
        [23, [4, 5]],
        [16, [4, 5]],
        [15, [5]],
        [1, [5]],
        [1_000, [1, 2, 3, 4, 5]],
      ] as const) {
        checkSame(offsets(await newest(store, { maxBytes })), expected, `of 8 bytes each in ${maxBytes}`);
      }
      checkSame(offsets(await newest(store, { maxBytes: 1_000, limit: 2 })), [4, 5], 'the limit holds as well');
    },
  },
  {
    name: 'history is read from its older end as well, and among the newest so many alone',
    async run({ store }) {
      const data = '"12345"';
      await keepAll(store, messages(10, { data }));
      const asked = async (query: Parameters<typeof newest>[1]) => offsets(await newest(store, query));
      const from = 'oldest';
      checkSame(await asked({ from, limit: 3 }), [1, 2, 3], 'the oldest three');
      checkSame(await asked({ from, limit: 2, after: START + 4n }), [5, 6], 'from a timetoken on');
      checkSame(await asked({ from, limit: 5, after: START + 4n, before: START + 7n }), [5, 6], 'up to another');
      checkSame(await asked({ from, maxBytes: 15 }), [1, 2], 'within bytes');
      checkSame(await asked({ among: 4 }), [7, 8, 9, 10], 'among the newest four');
      checkSame(await asked({ among: 4, before: START + 9n }), [7, 8], 'among them and before');
      checkSame(await asked({ among: 4, from, limit: 1 }), [7], 'the oldest of them');
      checkSame(await asked({ among: 4, before: START + 7n }), [], 'none of them is older');
      checkSame(await asked({ among: 100, from, limit: 1 }), [1], 'more than there are');
    },
  },
  {
    name: 'what has expired does not count among the newest',
    async run({ store }) {
      const at = Number(START / 10_000n);
      await keepAll(store, messages(2));
      await store.append({ publication: message(3), keep: 100, expiresAt: at + 10 });
      checkSame(offsets(await newest(store, { among: 2, now: at + 5 })), [2, 3], 'before');
      checkSame(offsets(await newest(store, { among: 2, now: at + 10 })), [1, 2], 'afterwards');
    },
  },
  {
    name: 'channels and apps never see each other’s items, whatever their names',
    async run({ store }) {
      const places = [
        ['a', 'b:c'],
        ['a:b', 'c'],
        ['a', 'b'],
        ['__proto__', 'constructor'],
        ['demo', 'room/1'],
        ['demo', 'ROOM/1'],
        ['demo', 'room/1 '],
        ['demo', 'raum/ü'],
      ] as const;
      const kept = places.map(([app, channel], index) => message(index + 1, { app, channel }));
      await keepAll(store, kept);
      for (const [index, [app, channel]] of places.entries()) {
        checkSame(await newest(store, { app, channel }), [kept[index]], `items of ${app} ${channel}`);
        checkSame((await store.head(app, channel))?.offset, index + 1, `head of ${app} ${channel}`);
      }
    },
  },
  {
    name: 'private items stand apart from the channel’s, per pair of users in either order',
    async run({ store }) {
      await keepAll(store, [
        message(1),
        message(2, { audience: privateTo('ann', 'bob') }),
        message(3, { audience: privateTo('bob', 'ann') }),
        message(4, { audience: privateTo('ann', 'cleo') }),
        message(5, { audience: { to: 'user', user: 'ann', from: 'bob' } }),
        message(6, { audience: privateTo('ann', 'ann') }),
        message(7),
      ]);
      const between = async (one: string, other: string) =>
        offsets(await newest(store, { scope: { of: 'pair', users: [one, other] } }));
      checkSame(offsets(await newest(store)), [1, 7], 'the channel');
      checkSame(await between('ann', 'bob'), [2, 3, 5], 'ann and bob');
      checkSame(await between('bob', 'ann'), [2, 3, 5], 'bob and ann');
      checkSame(await between('cleo', 'ann'), [4], 'ann and cleo');
      checkSame(await between('ann', 'ann'), [6], 'ann alone');
      checkSame(await between('bob', 'cleo'), [], 'bob and cleo');
    },
  },
  {
    name: 'users whose names look like others’ are no pair of theirs',
    async run({ store }) {
      await keepAll(store, [
        message(1, { audience: privateTo('a","b', 'c') }),
        message(2, { audience: privateTo('x\0', '\ud800') }),
      ]);
      for (const users of [
        ['a', 'b","c'],
        ['x', '\ud800'],
        ['x\0', '\ud801'],
        ['x\0', '\ufffd'],
      ] as const) {
        checkSame(await newest(store, { scope: { of: 'pair', users } }), [], `items of ${JSON.stringify(users)}`);
      }
      const found = await newest(store, { scope: { of: 'pair', users: ['\ud800', 'x\0'] } });
      checkSame(offsets(found), [2], 'the pair itself');
    },
  },
];

export const durableHistoryCases: readonly Case<StoreHarness>[] = [
  {
    name: 'items and heads survive closing and opening, and the log goes on',
    async run({ store, reopen }) {
      const kept = ODD.map((changes, index) => message(index + 1, changes));
      await keepAll(store, kept);
      const head = await store.head(APP, CHANNEL);
      const again = await reopen();
      checkSame([await newest(again), await again.head(APP, CHANNEL)], [kept, head], 'items and head');
      await keepAll(again, [message(50)]);
      checkSame((await newest(again)).length, kept.length + 1, 'items afterwards');
    },
  },
];
