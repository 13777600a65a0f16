import type { Store } from '../ports/store.ts';
import type { Action, ActionsQuery, NewAction } from '../ports/store-actions.ts';
import type { Case } from './case.ts';
import { check, checkSame } from './check.ts';
import {
  APP,
  CHANNEL,
  EVERYONE,
  keepAll,
  message,
  messages,
  privateTo,
  START,
  type StoreHarness,
} from './store-harness.ts';

const NOW = Number(START / 10_000n);

/** The n-th action of a channel, on its first message unless said otherwise. */
function action(n: number, changes: Partial<NewAction> = {}): NewAction {
  return {
    app: APP,
    channel: CHANNEL,
    messageTimetoken: START + 1n,
    timetoken: START + 1_000n + BigInt(n),
    type: 'reaction',
    value: `value-${n}`,
    user: 'ann',
    proven: true,
    now: NOW,
    ...changes,
  };
}

function asKept(
  { app: _app, channel: _channel, now: _now, most: _most, ...kept }: NewAction,
  audience = EVERYONE,
): Action {
  return { ...kept, audience };
}

function list(store: Store, query: Partial<ActionsQuery> = {}): Promise<readonly Action[]> {
  return store.actions({ app: APP, channel: CHANNEL, limit: 100, now: NOW, ...query });
}

function add(store: Store, actions: readonly NewAction[]): Promise<readonly string[]> {
  return Promise.all(actions.map((added) => store.addAction(added)));
}

/** What a store promises about actions on messages. */
export const actionCases: readonly Case<StoreHarness>[] = [
  {
    name: 'a message takes no more actions than it may, and another again when one is gone',
    async run({ store }) {
      await keepAll(store, [message(1), message(2)]);
      const some = [1, 2, 3, 4].map((n) => action(n, { most: 3 }));
      checkSame(await add(store, some), ['added', 'added', 'added', 'full'], 'the answers');
      checkSame((await list(store)).length, 3, 'what is kept');
      const again = await add(store, [action(5, { value: 'value-1', most: 3 }), action(6, { most: 4 })]);
      checkSame(again, ['exists', 'added'], 'what is said already, and a higher bound');
      const elsewhere = action(7, { messageTimetoken: START + 2n, most: 3 });
      checkSame(await add(store, [elsewhere]), ['added'], 'another message');
      await store.removeAction(APP, CHANNEL, START + 1n, START + 1_001n);
      checkSame(await add(store, [action(8, { most: 4 })]), ['added'], 'after one is gone');
    },
  },
  {
    name: 'an action comes back as it was added, with the audience of its message, by every road',
    async run({ store }) {
      const audience = { to: 'authenticated' } as const;
      await keepAll(store, [message(1), message(2, { audience })]);
      const odd = { type: '"', value: '👍\0\ud800', user: '__proto__', proven: false };
      const added = [action(1), action(2, { messageTimetoken: START + 2n }), action(3, odd)];
      checkSame(await add(store, added), ['added', 'added', 'added'], 'the answers');
      const kept = added.map((one, index) => asKept(one, index === 1 ? audience : EVERYONE));
      checkSame(await list(store), kept, 'the list');
      const single = added.map((one) => store.action(APP, CHANNEL, one.messageTimetoken, one.timetoken));
      checkSame(await Promise.all(single), kept, 'one by one');
      const of = await store.actionsOf(APP, CHANNEL, [START + 2n, START + 1n, START + 2n, START + 77n]);
      checkSame(of, [kept[0], kept[2], kept[1]], 'by message');
    },
  },
  {
    name: 'a user says the same of a message once; another user, or one that is only stated, may say it too',
    async run({ store }) {
      await keepAll(store, messages(2));
      const said = { value: 'x' };
      const answers = await add(store, [
        action(1, said),
        action(2, said),
        action(3, { ...said, proven: false }),
        action(4, { ...said, user: 'bob' }),
        action(5, { ...said, type: 'receipt' }),
        action(6, { ...said, messageTimetoken: START + 2n }),
        action(7, { ...said, proven: false }),
      ]);
      checkSame(answers, ['added', 'exists', 'added', 'added', 'added', 'added', 'exists'], 'the answers');
      const numbers = (await list(store)).map(({ timetoken }) => Number(timetoken - START - 1_000n));
      checkSame(numbers, [1, 3, 4, 5, 6], 'what was kept');
    },
  },
  {
    name: 'no two actions of a channel have one timetoken',
    async run({ store }) {
      await keepAll(store, [...messages(2), message(1, { channel: 'other' })]);
      const answers = await add(store, [
        action(1),
        action(1, { value: 'else' }),
        action(1, { value: 'else', messageTimetoken: START + 2n }),
        action(1, { channel: 'other' }),
      ]);
      checkSame(answers, ['added', 'taken', 'taken', 'added'], 'the answers');
      checkSame(await list(store), [asKept(action(1))], 'what was kept');
    },
  },
  {
    name: 'only a public message that is there takes actions',
    async run({ store }) {
      await keepAll(store, [message(2, { audience: privateTo('ann', 'bob') }), message(3)]);
      await store.append({ publication: message(1), keep: 10, expiresAt: NOW + 10 });
      const answers = await add(store, [
        action(1, { now: NOW + 9 }),
        action(2, { now: NOW + 10 }),
        action(3, { messageTimetoken: START + 2n }),
        action(4, { messageTimetoken: START + 4n }),
        action(5, { channel: 'other', messageTimetoken: START + 3n }),
        action(6, { app: 'other', messageTimetoken: START + 3n }),
      ]);
      const none = 'no-message';
      checkSame(answers, ['added', none, none, none, none, none], 'the answers');
      checkSame(
        [(await list(store)).length, (await list(store, { now: NOW + 10 })).length],
        [1, 0],
        'with the message',
      );
    },
  },
  {
    name: 'a page of actions is the newest of the range by their own timetokens, oldest first',
    async run({ store }) {
      await keepAll(store, messages(3));
      const added = Array.from({ length: 9 }, (_, n) =>
        action(n + 1, { messageTimetoken: START + BigInt(3 - (n % 3)) }),
      );
      await add(store, added.toReversed());
      const at = (n: number) => START + 1_000n + BigInt(n);
      const asked = async (query: Partial<ActionsQuery>) =>
        (await list(store, query)).map(({ timetoken }) => Number(timetoken - at(0)));
      checkSame(await asked({}), [1, 2, 3, 4, 5, 6, 7, 8, 9], 'all');
      checkSame(await asked({ limit: 2 }), [8, 9], 'the newest');
      checkSame(await asked({ olderThan: at(5), limit: 2 }), [3, 4], 'older than');
      checkSame(await asked({ notOlderThan: at(8) }), [8, 9], 'not older than');
      checkSame(await asked({ notOlderThan: at(3), olderThan: at(6) }), [3, 4, 5], 'both');
      const none = [asked({ limit: 0 }), asked({ olderThan: at(1) }), asked({ channel: 'x' }), asked({ app: 'x' })];
      checkSame(await Promise.all(none), [[], [], [], []], 'nothing');
    },
  },
  {
    name: 'an action is removed by both timetokens, once',
    async run({ store }) {
      await keepAll(store, messages(2));
      await add(store, [action(1), action(2)]);
      const { timetoken } = action(1);
      const wrong = [
        await store.removeAction(APP, CHANNEL, START + 2n, timetoken),
        await store.removeAction(APP, CHANNEL, START + 1n, timetoken + 500n),
        await store.removeAction(APP, 'other', START + 1n, timetoken),
        await store.removeAction('other', CHANNEL, START + 1n, timetoken),
      ];
      checkSame(wrong, [false, false, false, false], 'what is not there');
      const twice = [1, 2].map(() => store.removeAction(APP, CHANNEL, START + 1n, timetoken));
      checkSame(await Promise.all(twice), [true, false], 'twice');
      checkSame(await list(store), [asKept(action(2))], 'what is left');
      checkSame(await store.action(APP, CHANNEL, START + 1n, timetoken), null, 'the removed one');
      checkSame(await add(store, [action(1)]), ['added'], 'said again');
    },
  },
  {
    name: 'actions go with their message: deleted, trimmed, or with its app',
    async run({ store }) {
      await keepAll(store, messages(2));
      await add(store, [action(1), action(2, { messageTimetoken: START + 2n })]);
      await store.deleteRange({ app: APP, channel: CHANNEL, olderThan: START + 2n });
      checkSame(
        (await list(store)).map(({ value }) => value),
        ['value-2'],
        'after the deletion',
      );
      checkSame(await store.actionsOf(APP, CHANNEL, [START + 1n]), [], 'of the deleted one');
      checkSame(await add(store, [action(3)]), ['no-message'], 'on the deleted one');
      for (let n = 3; n <= 400; n += 1) void store.append({ publication: message(n), keep: 5 });
      checkSame(await list(store), [], 'after trimming');
      await add(store, [action(4, { messageTimetoken: START + 400n })]);
      check((await list(store)).length === 1, 'a new action is there');
      await store.commit(APP, 1, [{ type: 'app.delete' }]);
      checkSame(await list(store), [], 'after the app’s deletion');
      await keepAll(store, [message(400)]);
      checkSame(await list(store), [], 'in another app of that name');
    },
  },
];

export const durableActionCases: readonly Case<StoreHarness>[] = [
  {
    name: 'actions survive closing and opening, and go with their message afterwards',
    async run({ store, reopen }) {
      await keepAll(store, messages(2));
      await add(store, [action(1), action(2, { messageTimetoken: START + 2n })]);
      const before = await list(store);
      const again = await reopen();
      checkSame(await list(again), before, 'the actions');
      await again.deleteRange({ app: APP, channel: CHANNEL, olderThan: START + 2n });
      checkSame(await list(again), before.slice(1), 'after a deletion');
    },
  },
];
