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

/** What a store promises about keeping items: their order, heads and trimming. */
export const keepingCases: readonly Case<StoreHarness>[] = [
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
    name: 'channels that keep something are counted per app: each once, and those that were deleted no more',
    async run({ store }) {
      checkSame(await store.keptChannels(APP), 0, 'before');
      const handed = keepAll(store, [
        ...messages(3),
        message(4, { audience: privateTo('ann', 'bob') }),
        message(5, { channel: 'quiet', audience: privateTo('ann', 'bob') }),
        message(6, { app: 'other' }),
      ]);
      checkSame(await store.keptChannels(APP), 2, 'what was handed over before is counted');
      await handed;
      await keepAll(store, messages(400, { channel: 'trimmed' }), 0);
      checkSame([await store.keptChannels(APP), await store.keptChannels('other')], [3, 1], 'each app’s');
      await store.commit(APP, 1, [{ type: 'app.delete' }]);
      checkSame([await store.keptChannels(APP), await store.keptChannels('other')], [0, 1], 'after a deletion');
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
    name: 'what was published under a key is told of one channel, the newest so many behind an instant, private items too',
    async run({ store }) {
      const keyed = (n: number, changes = {}) => message(n, { once: `["${n}"]`, ...changes });
      const pair = keyed(3, { audience: privateTo('ann', 'bob') });
      await keepAll(store, [keyed(1), message(2), pair, keyed(4), keyed(5, { channel: 'another' })], 10);
      const { timetoken: first } = message(1);
      const answer = ({ once = '', position, timetoken }: ReturnType<typeof message>) => ({
        once,
        position,
        timetoken,
      });
      const ask = (after: bigint, limit: number) => store.keyed({ app: APP, channel: CHANNEL, after, limit });
      checkSame(await ask(0n, 10), [answer(keyed(1)), answer(pair), answer(keyed(4))], 'all');
      checkSame(await ask(first, 10), [answer(pair), answer(keyed(4))], 'behind the first');
      checkSame(await ask(0n, 1), [answer(keyed(4))], 'the newest');
      checkSame(await store.keyed({ app: 'another', channel: CHANNEL, after: 0n, limit: 10 }), [], 'of another app');
    },
  },
  {
    name: 'what is never kept is refused: presence, what has no place, private messages without two proven users',
    async run({ store }) {
      for (const changes of [
        { kind: 'presence', audience: { to: 'presence' } },
        { kind: 'signal' },
        { kind: 'action' },
        { kind: 'object' },
        { logged: false, position: null },
        { audience: { to: 'session', session: 's', from: 't' } },
      ] as const) {
        await rejection(store.append({ publication: message(1, changes), keep: 10 }), JSON.stringify(changes));
      }
      checkSame([await newest(store), await store.head(APP, CHANNEL)], [[], null], 'what was kept');
    },
  },
];

export const durableKeepingCases: readonly Case<StoreHarness>[] = [
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
