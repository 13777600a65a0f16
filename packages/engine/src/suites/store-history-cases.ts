import type { Publication } from '../publication.ts';
import type { Case } from './case.ts';
import { check, checkSame, rejection } from './check.ts';
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

/** What a store promises about the items of channels. */
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
  {
    name: 'trimming never takes one of the newest that are kept, and takes the old ones in the end',
    async run({ store }) {
      for (let n = 1; n <= 600; n += 60) {
        const channel = Array.from({ length: 60 }, (_, index) => message(n + index));
        const pair = channel.map((item) => ({
          ...item,
          timetoken: item.timetoken + 10_000n,
          audience: privateTo('ann', 'bob'),
        }));
        await keepAll(store, [...channel, ...pair], 10);
        const sofar = offsets(await newest(store, { limit: 10 }));
        checkSame(
          sofar,
          Array.from({ length: 10 }, (_, index) => n + 50 + index),
          'the newest ten',
        );
      }
      for (const scope of [{ of: 'channel' }, { of: 'pair', users: ['ann', 'bob'] }] as const) {
        const items = await newest(store, { limit: 10_000, scope });
        check(
          items.length >= 10 && items.length <= 300,
          `of 600 items, 10 to 300 are left (${scope.of}: ${items.length})`,
        );
      }
    },
  },
  {
    name: 'trimming one channel leaves others, and a pair’s own items, alone',
    async run({ store }) {
      await keepAll(store, [message(1, { audience: privateTo('ann', 'bob') }), message(2, { channel: 'quiet' })], 10);
      await keepAll(
        store,
        messages(500).map((item) => ({ ...item, timetoken: item.timetoken + 10n })),
        10,
      );
      checkSame((await newest(store, { channel: 'quiet' })).length, 1, 'the quiet channel');
      const pair = { of: 'pair', users: ['ann', 'bob'] } as const;
      checkSame((await newest(store, { scope: pair })).length, 1, 'the pair');
    },
  },
  {
    name: 'the head is the newest item of all shelves, and null for a channel that never kept anything',
    async run({ store }) {
      checkSame(await store.head(APP, CHANNEL), null, 'before');
      await keepAll(store, [message(1), message(2, { audience: privateTo('ann', 'bob') })]);
      const head = { epoch: 'epoch-1', offset: 2, timetoken: START + 2n };
      checkSame(await store.head(APP, CHANNEL), head, 'after a private item');
      checkSame(await store.head(APP, 'another'), null, 'another channel');
      checkSame(await store.head('another', CHANNEL), null, 'another app');
    },
  },
  {
    name: 'the head is the newest by timetoken, in whatever order items are handed over',
    async run({ store }) {
      await keepAll(store, [message(2), message(3), message(1)]);
      checkSame((await store.head(APP, CHANNEL))?.offset, 3, 'the head');
      checkSame(offsets(await newest(store)), [1, 2, 3], 'the items');
    },
  },
  {
    name: 'the head survives trimming and follows a new epoch of the log',
    async run({ store }) {
      await keepAll(store, messages(400), 0);
      checkSame((await store.head(APP, CHANNEL))?.offset, 400, 'after trimming');
      await keepAll(store, [message(401, { position: { epoch: 'epoch-2', offset: 1 } })], 0);
      checkSame(
        await store.head(APP, CHANNEL),
        { epoch: 'epoch-2', offset: 1, timetoken: START + 401n },
        'after a loss',
      );
    },
  },
  {
    name: 'what was handed over is seen by every read after it, without waiting in between',
    async run({ store }) {
      const written = store.append({ publication: message(1), keep: 10 });
      const first = newest(store);
      const alsoWritten = store.append({ publication: message(2), keep: 10 });
      const [one, head, two] = await Promise.all([
        first,
        store.head(APP, CHANNEL),
        newest(store),
        written,
        alsoWritten,
      ]);
      checkSame([offsets(one), head?.offset, offsets(two)], [[1], 2, [1, 2]], 'what the reads saw');
    },
  },
  {
    name: 'promises settle in the order of the calls',
    async run({ store }) {
      const order: number[] = [];
      const calls = messages(50).map(async (publication, index) => {
        await store.append({ publication, keep: 10 });
        order.push(index);
      });
      await Promise.all(calls);
      checkSame(
        order,
        Array.from({ length: 50 }, (_, index) => index),
        'the order',
      );
    },
  },
  {
    name: 'one timetoken never names two items of a channel',
    async run({ store }) {
      const again = message(1, { data: '"again"' });
      const outcomes = await Promise.allSettled(
        [message(1), again, message(2)].map((publication) => store.append({ publication, keep: 10 })),
      );
      const said = outcomes.map((outcome) => outcome.status);
      checkSame(said, ['fulfilled', 'rejected', 'fulfilled'], 'who was kept');
      checkSame(await newest(store), [message(1), message(2)], 'what was kept');
    },
  },
  {
    name: 'what is never kept is refused: presence, what has no place, private messages without two proven users',
    async run({ store }) {
      for (const changes of [
        { kind: 'presence', audience: { to: 'presence' } },
        { logged: false, position: null },
        { audience: { to: 'session', session: 's', from: 't' } },
      ] as const) {
        await rejection(store.append({ publication: message(1, changes), keep: 10 }), JSON.stringify(changes));
      }
      checkSame([await newest(store), await store.head(APP, CHANNEL)], [[], null], 'what was kept');
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
  {
    name: 'what was too much before closing is trimmed afterwards',
    async run({ store, reopen }) {
      await keepAll(store, messages(400), 1_000);
      const again = await reopen();
      for (const n of [401, 402]) await keepAll(again, [message(n)], 5);
      const items = offsets(await newest(again, { limit: 1_000 }));
      check(items.length >= 5 && items.length < 200, `of 402 items, 5 to 200 are left (${items.length})`);
      checkSame(items.slice(-5), [398, 399, 400, 401, 402], 'the newest five');
    },
  },
];
