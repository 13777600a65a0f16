import type { Store } from '../ports/store.ts';
import type { RangeQuery } from '../ports/store-messages.ts';
import type { Publication } from '../publication.ts';
import type { Case } from './case.ts';
import { check, checkSame } from './check.ts';
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

/** The time of START, in ms. */
const NOW = Number(START / 10_000n);
const WIDEST = 2n ** 70n;

function range(store: Store, query: Partial<RangeQuery> = {}): Promise<readonly Publication[]> {
  return store.range({ app: APP, channel: CHANNEL, limit: 100, from: 'newest', now: NOW, ...query });
}

/** What a store promises about single items and ranges of them, and about items that expire. */
export const messageCases: readonly Case<StoreHarness>[] = [
  {
    name: 'a range keeps to its bounds, and to the end it is taken from',
    async run({ store }) {
      await keepAll(store, messages(10));
      const asked = async (query: Partial<RangeQuery>) => offsets(await range(store, query));
      const at = (n: number) => START + BigInt(n);
      checkSame(await asked({ limit: 3 }), [8, 9, 10], 'the newest');
      checkSame(await asked({ limit: 3, from: 'oldest' }), [1, 2, 3], 'the oldest');
      checkSame(await asked({ olderThan: at(5), limit: 2 }), [3, 4], 'older than');
      checkSame(await asked({ notNewerThan: at(5), limit: 2 }), [4, 5], 'not newer than');
      checkSame(await asked({ newerThan: at(5), limit: 2, from: 'oldest' }), [6, 7], 'newer than');
      checkSame(await asked({ notOlderThan: at(5), limit: 2, from: 'oldest' }), [5, 6], 'not older than');
      checkSame(await asked({ notOlderThan: at(3), olderThan: at(6) }), [3, 4, 5], 'both');
      checkSame(
        await asked({ newerThan: at(3), notOlderThan: at(2), notNewerThan: at(5), olderThan: at(9) }),
        [4, 5],
        'all',
      );
      const none = [
        await asked({ newerThan: at(5), olderThan: at(5) }),
        await asked({ notOlderThan: at(6), notNewerThan: at(5) }),
        await asked({ newerThan: at(10) }),
        await asked({ olderThan: at(1) }),
        await asked({ limit: 0 }),
        await asked({ channel: 'another' }),
        await asked({ app: 'another' }),
      ];
      checkSame(none, [[], [], [], [], [], [], []], 'nothing');
    },
  },
  {
    name: 'bounds may be any integers',
    async run({ store }) {
      await keepAll(store, messages(2));
      const wide = { newerThan: -WIDEST, notOlderThan: -WIDEST, olderThan: WIDEST, notNewerThan: WIDEST };
      checkSame(offsets(await range(store, wide)), [1, 2], 'the widest');
      checkSame(await range(store, { newerThan: WIDEST }), [], 'beyond the end');
      checkSame(await range(store, { olderThan: -WIDEST }), [], 'before the beginning');
      checkSame(await store.message(APP, CHANNEL, WIDEST, NOW), null, 'a message beyond the end');
      checkSame(await store.deleteRange({ app: APP, channel: CHANNEL, ...wide }), [START + 1n, START + 2n], 'deleted');
    },
  },
  {
    name: 'files, labels and what is said beside a payload come back as they were published, by every road',
    async run({ store }) {
      const sender = { session: '', user: '', table: 0, row: 0, extras: {}, claimed: 'ann\0"' };
      const kept = [
        message(1, { kind: 'file', data: '{"file":{"id":"1","name":"ü.txt"}}', meta: '{"a":"\\u0000"}' }),
        message(2, { sender, customType: 'note-1' }),
        message(3, { customType: '"', meta: '""' }),
      ];
      await keepAll(store, kept);
      checkSame(await range(store), kept, 'the range');
      checkSame(await newest(store), kept, 'the history');
      const single = await Promise.all(kept.map(({ timetoken }) => store.message(APP, CHANNEL, timetoken, NOW)));
      checkSame(single, kept, 'one by one');
    },
  },
  {
    name: 'only a channel’s public items are in its ranges, whatever their audience',
    async run({ store }) {
      const forOne = message(2, { audience: { to: 'user', user: 'ann' } });
      const kept = [message(1), forOne, message(3, { audience: privateTo('ann', 'bob') })];
      await keepAll(store, [...kept, message(4, { channel: 'other' }), message(5, { app: 'other' })]);
      checkSame(await range(store), kept.slice(0, 2), 'the range');
      checkSame(await store.message(APP, CHANNEL, START + 3n, NOW), null, 'a private item');
      checkSame(await store.message(APP, 'other', START + 1n, NOW), null, 'another channel’s item');
      checkSame(await store.deleteRange({ app: APP, channel: CHANNEL }), [START + 1n, START + 2n], 'what was deleted');
      checkSame((await newest(store, { scope: { of: 'pair', users: ['ann', 'bob'] } })).length, 1, 'of the pair');
      const others = [await range(store, { channel: 'other' }), await range(store, { app: 'other' })];
      checkSame(others.map(offsets), [[4], [5]], 'of others');
    },
  },
  {
    name: 'a deleted range is gone for every read, once, and the head stays',
    async run({ store }) {
      await keepAll(store, messages(6));
      const deleted = store.deleteRange({
        app: APP,
        channel: CHANNEL,
        notOlderThan: START + 2n,
        olderThan: START + 5n,
      });
      const rest = range(store);
      checkSame(await deleted, [START + 2n, START + 3n, START + 4n], 'what was there');
      checkSame(offsets(await rest), [1, 5, 6], 'the range');
      checkSame(offsets(await newest(store)), [1, 5, 6], 'the history');
      checkSame(await store.message(APP, CHANNEL, START + 3n, NOW), null, 'one of them');
      checkSame(await store.deleteRange({ app: APP, channel: CHANNEL, olderThan: START + 5n }), [START + 1n], 'again');
      await store.deleteRange({ app: APP, channel: CHANNEL });
      checkSame((await store.head(APP, CHANNEL))?.offset, 6, 'the head');
      checkSame(
        [await store.deleteRange({ app: APP, channel: 'never' }), await range(store)],
        [[], []],
        'nothing left',
      );
    },
  },
  {
    name: 'what has expired is gone for reads that say the time, whether swept away or not',
    async run({ store }) {
      const expiring = [undefined, NOW + 10, NOW + 20.5, NOW + 5, undefined];
      await Promise.all(
        expiring.map((expiresAt, index) =>
          store.append({
            publication: message(index + 1),
            keep: 100,
            ...(expiresAt === undefined ? {} : { expiresAt }),
          }),
        ),
      );
      const asked = async (now: number) => offsets(await range(store, { now, limit: 3 }));
      checkSame(await asked(NOW), [3, 4, 5], 'before');
      checkSame(await asked(NOW + 5), [2, 3, 5], 'at the end of one');
      checkSame(offsets(await newest(store, { now: NOW + 10, limit: 2 })), [3, 5], 'the history');
      const one = [
        await store.message(APP, CHANNEL, START + 3n, NOW + 20),
        await store.message(APP, CHANNEL, START + 3n, NOW + 21),
      ];
      checkSame(
        one.map((item) => item !== null),
        [true, false],
        'one item',
      );
      checkSame(await asked(NOW + 1_000), [1, 5], 'after the end of all');
    },
  },
  {
    name: 'expired items are swept away by those that come after them, and no others',
    async run({ store }) {
      const lasting = messages(10, { channel: 'lasting' });
      await keepAll(store, lasting);
      const LIFE = 1_000;
      for (let n = 1; n <= 2_000; n += 1) {
        // One every 10 ms.
        const publication = message(n, { timetoken: START + BigInt(n) * 100_000n });
        void store.append({ publication, keep: 10_000, expiresAt: NOW + n * 10 + LIFE });
      }
      const left = offsets(await newest(store, { limit: 10_000 }));
      check(left.length >= 100 && left.length <= 1_500, `of 2000 items, 100 to 1500 are left (${left.length})`);
      const alive = Array.from({ length: 100 }, (_, index) => 1_901 + index);
      checkSame(left.slice(-100), alive, 'those that have not expired');
      checkSame(await newest(store, { channel: 'lasting' }), lasting, 'those that never do');
    },
  },
];

export const durableMessageCases: readonly Case<StoreHarness>[] = [
  {
    name: 'deletions, labels and expiry survive closing and opening',
    async run({ store, reopen }) {
      const kept = [1, 2, 3].map((n) => message(n, { kind: 'file', meta: '{"n":1}', customType: 'note' }));
      await Promise.all(kept.map((publication) => store.append({ publication, keep: 10, expiresAt: NOW + 100 })));
      await store.deleteRange({ app: APP, channel: CHANNEL, olderThan: START + 2n });
      const again = await reopen();
      checkSame(await range(again), kept.slice(1), 'what is left');
      checkSame(await range(again, { now: NOW + 100 }), [], 'after its end');
    },
  },
];
